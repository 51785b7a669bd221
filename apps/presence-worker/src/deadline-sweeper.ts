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
  /** The gateways whose leases were all found last, and when, in Unix ms. */
  #alive: { readonly gatewayIds: ReadonlySet<string>; readonly atMs: number } = { gatewayIds: new Set(), atMs: 0 };
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

  /** One round over the shards. Never rejects: what fails is tried again by the next. */
  async sweep(): Promise<void> {
    const { shards, metrics, logger } = this.#options;
    const endTimer = metrics.sweepSeconds.startTimer();
    try {
      await this.#sweepShards();
      this.#failingSince = null;
    } catch (error) {
      this.#noteFailure();
      metrics.failedSweeps.inc();
      logger.warn({ err: error }, 'a sweep failed and comes again');
    }
    endTimer();
    metrics.shards.set(shards.numbers.length);
    metrics.holdingShards.set(shards.numbers.filter((shard) => this.#holding.has(shard)).length);
  }

  #noteFailure(): void {
    const { shards } = this.#options;
    for (const shard of shards.numbers) shards.agendaOf(shard)?.lookSoon();
    this.#failingSince ??= this.#now();
    if (this.#now() - this.#failingSince < OUTAGE_MS) return;
    for (const shard of shards.numbers) this.#mustHold.add(shard);
  }

  /** Two requests for all shards say whether there is anything to do, beside what the agendas know. */
  async #sweepShards(): Promise<void> {
    const { shards, store, presencePublisher, lastSeenWriter } = this.#options;
    lastSeenWriter.wakeFailed();
    await this.#lookAtLeases();
    for (const shard of await store.listFilledOutboxes(shards.numbers)) await presencePublisher.drain(shard);
    const now = this.#now();
    for (const shard of shards.numbers) {
      if (this.#mustHold.has(shard) || shards.agendaOf(shard)?.isDue(now) === true) await this.#sweepShard(shard);
    }
  }

  /** A lease that is gone makes the shards due in which its gateway has sessions. */
  async #lookAtLeases(): Promise<void> {
    const { shards, store, clock } = this.#options;
    const agendas = shards.numbers.flatMap((shard) => shards.agendaOf(shard) ?? []);
    const gatewayIds = [...new Set(agendas.flatMap((agenda) => [...agenda.gatewayIds]))];
    const aliveAtMs = clock.now();
    if ((await store.countLeases(gatewayIds)) < gatewayIds.length) for (const agenda of agendas) agenda.lookSoon();
    else this.#alive = { gatewayIds: new Set(gatewayIds), atMs: aliveAtMs };
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
    const [generation, agenda] = [shards.generationOf(shard), shards.agendaOf(shard)];
    if (generation === null || agenda === undefined) return false;
    agenda.beginLook();
    const beginsHold = this.#mustHold.has(shard);
    const sight = await store.lookAtShard({ shard, generation, limit: SWEEP_MAX_USERS, beginsHold });
    if (sight === null) await shards.noteStale(shard);
    else this.#noteSight(shard, sight);
    if (sight === null || sight.isHolding || !shards.isCaughtUp(shard)) {
      agenda.lookSoon();
      return false;
    }
    const hadWork = await this.#doWhatIsDue({ shard, generation }, sight);
    if (sight.lapsedGateways.length + sight.overdueUserIds.length > 0) agenda.lookSoon();
    else agenda.noteDone(sight, this.#now());
    return hadWork;
  }

  #noteSight(shard: number, { isHolding }: ShardSight): void {
    this.#options.shards.noteOwned(shard);
    this.#mustHold.delete(shard);
    this.#noteHold(shard, isHolding);
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
      const seenAtMs = this.#alive.gatewayIds.has(gatewayId) ? this.#alive.atMs : 0;
      stepCount += await this.#loseSessions(owner, gatewayId, instantOf(Math.max(aliveAtMs, seenAtMs)));
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
