import { randomUUID } from 'node:crypto';
import type { Logger, Service } from '@chat/service-kit';
import type { RedisClient } from './redis-client.ts';
import { refreshLease } from './scripts/lease.lua.ts';

/** How long a gateway counts as alive without a sign of life, in ms (DESIGN §5.6). */
export const GATEWAY_LEASE_TTL_MS = 15_000;
/** Time between two signs of life, in ms. */
export const GATEWAY_LEASE_REFRESH_MS = 5_000;
/** Time until the next attempt after one that Redis did not answer, in ms. */
const RETRY_MS = 1_000;

export interface GatewayLeaseOptions {
  readonly redis: RedisClient;
  readonly logger: Logger;
  readonly ttlMs?: number;
  readonly refreshMs?: number;
  /** Makes the ids; random where none is given. */
  readonly createId?: () => string;
}

/**
 * The one lease of a gateway process: while it lives in Redis, so do the sessions announced under its id. Found gone (the
 * process was frozen, or Redis lost its data), it is not revived: the process takes a new id, sets that, and then calls
 * `onLost`, which announces every live session again. A Redis outage is waited out.
 */
export class GatewayLease implements Service {
  readonly name = 'gateway lease';
  readonly #redis: RedisClient;
  readonly #logger: Logger;
  readonly #ttlMs: number;
  readonly #refreshMs: number;
  readonly #createId: () => string;
  readonly #onLost: (() => void)[] = [];
  readonly #onAnswer: ((isAnswering: boolean) => void)[] = [];
  #gatewayId: string;
  /** Whether the lease of the present id was ever set. */
  #isSet = false;
  #timer: NodeJS.Timeout | undefined;
  #beat: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor({ redis, logger, ttlMs, refreshMs, createId }: GatewayLeaseOptions) {
    this.#redis = redis;
    this.#logger = logger;
    this.#ttlMs = ttlMs ?? GATEWAY_LEASE_TTL_MS;
    this.#refreshMs = refreshMs ?? GATEWAY_LEASE_REFRESH_MS;
    this.#createId = createId ?? (() => `gateway-${randomUUID()}`);
    this.#gatewayId = this.#createId();
  }

  /** The id that session events carry now; another one after each loss. */
  get gatewayId(): string {
    return this.#gatewayId;
  }

  /** Called after each loss, once the new id is in force: announce every live session again. Must not throw. */
  onLost(callback: () => void): void {
    this.#onLost.push(callback);
  }

  /** Called after each sign of life with whether Redis answered it, behind `onLost`. Must not throw. */
  onAnswer(callback: (isAnswering: boolean) => void): void {
    this.#onAnswer.push(callback);
  }

  /** Whether Redis has the lease at this moment: without it, it may have lost other things too. */
  async isHeld(): Promise<boolean> {
    const key = this.#redis.keys.gatewayLease(this.#gatewayId);
    return (await this.#redis.request((redis) => redis.exists(key))) === 1;
  }

  /** Sets the lease and keeps it. While Redis does not answer it resolves all the same and goes on trying. */
  async start(): Promise<void> {
    await this.#runBeat(false);
  }

  /** Gives the lease up, so that whatever was not closed is found at once. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#beat;
    if (!this.#isSet) return;
    try {
      await this.#redis.request((redis) => redis.del(this.#redis.keys.gatewayLease(this.#gatewayId)));
    } catch (error) {
      this.#logger.warn({ err: error }, 'the gateway lease was left to lapse');
    }
  }

  #runBeat(announces: boolean): Promise<void> {
    this.#beat = this.#keep(announces).then((nextMs) => {
      if (!this.#isStopping) this.#timer = setTimeout(() => void this.#runBeat(true), nextMs);
    });
    return this.#beat;
  }

  /** One sign of life; answers when the next one is due, in ms. Never rejects. */
  async #keep(announces: boolean): Promise<number> {
    try {
      if (!this.#isSet || !(await this.#refresh())) await this.#take(announces);
      this.#noteAnswer(true);
      return this.#refreshMs;
    } catch (error) {
      this.#logger.warn({ err: error }, 'the gateway lease could not be kept, trying again');
      this.#noteAnswer(false);
      return Math.min(RETRY_MS, this.#refreshMs);
    }
  }

  #noteAnswer(isAnswering: boolean): void {
    for (const callback of this.#onAnswer) callback(isAnswering);
  }

  async #refresh(): Promise<boolean> {
    const key = this.#redis.keys.gatewayLease(this.#gatewayId);
    if ((await this.#redis.runScript(refreshLease, [key], [this.#ttlMs])) === 1) return true;
    this.#isSet = false;
    const lostId = this.#gatewayId;
    this.#gatewayId = this.#createId();
    this.#logger.warn({ lostId, gatewayId: this.#gatewayId }, 'the gateway lease was lost, taking another id');
    return false;
  }

  async #take(announces: boolean): Promise<void> {
    const key = this.#redis.keys.gatewayLease(this.#gatewayId);
    await this.#redis.request((redis) => redis.set(key, '1', 'PX', this.#ttlMs));
    this.#isSet = true;
    if (announces && !this.#isStopping) for (const callback of this.#onLost) callback();
  }
}
