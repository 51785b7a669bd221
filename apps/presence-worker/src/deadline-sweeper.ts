import type { UserId } from '@chat/dto';
import type { PresenceStore, ShardSight } from '@chat/redis';
import { instantOf, type Clock, type Logger, type Service } from '@chat/service-kit';
import { inParallel } from './in-parallel.ts';
import type { LastSeenWriter } from './last-seen-writer.ts';
import { OUTAGE_MS, STEPS_AT_ONCE, SWEEP_EVERY_MS, SWEEP_MAX_LOOKS, SWEEP_MAX_USERS } from './limits.ts';
import type { PresenceMetrics } from './metrics.ts';
import type { OwnedShards } from './owned-shards.ts';
import type { PresencePublisher } from './presence-publisher.ts';
import type { PresenceSteps } from './presence-steps.ts';

export interface DeadlineSweeperOptions {
  readonly shards: OwnedShards;
  readonly store: PresenceStore;
  readonly steps: PresenceSteps;
  readonly presencePublisher: PresencePublisher;
  readonly lastSeenWriter: LastSeenWriter;
  readonly metrics: PresenceMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sweepEveryMs?: number;
  /** Monotonic time in ms. */
  readonly now?: () => number;
}

/**
 * Does what time alone makes due in the shards of this instance: sessions of gateways whose lease lapsed are lost, users
 * whose grace is over are OFFLINE, and whatever waits in the outboxes goes out. Judged by the time of Redis.
 */
export class DeadlineSweeper implements Service {
  readonly name = 'deadline sweeper';
  readonly #options: DeadlineSweeperOptions;
  readonly #now: () => number;
  readonly #holding = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #sweep: Promise<void> = Promise.resolve();
  #isStopping = false;
  /** Since when Redis has failed, monotonic ms. */
  #failingSince: number | null = null;
  /** Shards in which hold-fire must begin, since Redis was silent for too long. */
  readonly #mustHold = new Set<number>();

  constructor(options: DeadlineSweeperOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  start(): Promise<void> {
    this.#schedule();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#sweep;
  }

  #schedule(): void {
    if (this.#isStopping) return;
    this.#timer = setTimeout(() => {
      this.#sweep = this.sweep().finally(() => this.#schedule());
    }, this.#options.sweepEveryMs ?? SWEEP_EVERY_MS);
  }

  /** One look at every shard. Never rejects: what fails is tried again by the next. */
  async sweep(): Promise<void> {
    const { shards, metrics, logger } = this.#options;
    try {
      for (const shard of shards.numbers) await this.#sweepShard(shard);
      this.#failingSince = null;
    } catch (error) {
      this.#noteFailure();
      logger.warn({ err: error }, 'a sweep failed and comes again');
    }
    metrics.shards.set(shards.numbers.length);
    metrics.holdingShards.set(shards.numbers.filter((shard) => this.#holding.has(shard)).length);
  }

  #noteFailure(): void {
    this.#failingSince ??= this.#now();
    if (this.#now() - this.#failingSince < OUTAGE_MS) return;
    for (const shard of this.#options.shards.numbers) this.#mustHold.add(shard);
  }

  async #sweepShard(shard: number): Promise<void> {
    const { presencePublisher, lastSeenWriter } = this.#options;
    for (let looks = 0; looks < SWEEP_MAX_LOOKS && !this.#isStopping; looks += 1) {
      const hadWork = await this.#look(shard);
      await presencePublisher.drain(shard);
      lastSeenWriter.wake(shard);
      if (!hadWork) return;
    }
  }

  /** Whether there was something to do, and so may be more. */
  async #look(shard: number): Promise<boolean> {
    const { shards, store } = this.#options;
    const generation = shards.generationOf(shard);
    if (generation === null) return false;
    const sight = await store.lookAtShard({
      shard,
      generation,
      limit: SWEEP_MAX_USERS,
      beginsHold: this.#mustHold.has(shard),
    });
    if (sight === null) {
      await shards.noteStale(shard);
      return false;
    }
    shards.noteOwned(shard);
    this.#mustHold.delete(shard);
    this.#noteHold(shard, sight.isHolding);
    if (sight.isHolding || !shards.isCaughtUp(shard)) return false;
    return this.#doWhatIsDue({ shard, generation }, sight);
  }

  #noteHold(shard: number, isHolding: boolean): void {
    if (isHolding === this.#holding.has(shard)) return;
    if (isHolding) this.#holding.add(shard);
    else this.#holding.delete(shard);
    this.#options.logger.info({ shard }, isHolding ? 'hold-fire began: gateways announce again' : 'hold-fire ended');
  }

  async #doWhatIsDue(owner: { shard: number; generation: number }, sight: ShardSight): Promise<boolean> {
    let stepCount = 0;
    for (const { gatewayId, aliveAtMs } of sight.lapsedGateways) {
      stepCount += await this.#loseSessions(owner, gatewayId, instantOf(aliveAtMs));
    }
    await inParallel(sight.overdueUserIds, STEPS_AT_ONCE, async (userId) => {
      if (await this.#endGrace(owner, userId)) stepCount += 1;
    });
    return stepCount > 0;
  }

  /** Some sessions of a lapsed gateway; answers how many. */
  async #loseSessions(owner: { shard: number; generation: number }, gatewayId: string, at: string): Promise<number> {
    const { store, steps, metrics, logger } = this.#options;
    const sessions = await store.listGatewaySessions(owner.shard, gatewayId, SWEEP_MAX_USERS);
    let lostCount = 0;
    await inParallel(sessions, STEPS_AT_ONCE, async ({ userId, sessionId }) => {
      const address = { ...owner, userId, sessionId, gatewayId };
      const outcome = await steps.take(address, { kind: 'GATEWAY_LAPSED', gatewayId, at }, 'LEASE_GONE');
      if (outcome === 'DONE') lostCount += 1;
    });
    metrics.lapsedSessions.inc(lostCount);
    if (lostCount > 0)
      logger.warn({ shard: owner.shard, gatewayId, lostCount }, 'sessions of a lapsed gateway are lost');
    return lostCount;
  }

  async #endGrace(owner: { shard: number; generation: number }, userId: UserId): Promise<boolean> {
    const { steps, clock } = this.#options;
    const address = { ...owner, userId, sessionId: '', gatewayId: '' };
    const at = instantOf(clock.now());
    return (await steps.take(address, { kind: 'GRACE_OVER', at }, 'DEADLINE_PASSED')) === 'DONE';
  }
}
