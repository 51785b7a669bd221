import type { RedisClient } from './redis-client.ts';

/** When proofs of API gateways were first used, on whichever instance. */
export class SharedUsedProofs {
  readonly #redis: RedisClient;

  constructor({ redis }: { readonly redis: RedisClient }) {
    this.#redis = redis;
  }

  /** Notes that it is used at `now`; Unix ms at which it first was, null for the first time. Rejects while Redis does not answer. */
  async use(proofId: string, now: number, lifeMs: number): Promise<number | null> {
    const key = this.#redis.keys.usedProof(proofId);
    const before = await this.#redis.request((redis) => redis.set(key, now, 'PX', lifeMs, 'NX', 'GET'));
    return before === null ? null : Number(before);
  }
}
