import type { ShardSight } from '@chat/redis';
import { LOOK_EVERY_MS } from './limits.ts';

/**
 * When something can be due in a shard, so that Redis is asked for little while nothing is: the earliest grace that ends, and
 * the gateways with sessions in it, whose leases are looked at all together. In ms of a clock that never goes back.
 */
export class ShardAgenda {
  readonly #gatewayIds = new Set<string>();
  #lookAt = -Infinity;

  get gatewayIds(): Iterable<string> {
    return this.#gatewayIds;
  }

  isDue(now: number): boolean {
    return now >= this.#lookAt;
  }

  /** Something happened that only a look can judge. */
  lookSoon(): void {
    this.#lookAt = -Infinity;
  }

  /** A session of this gateway is in the shard from now on. */
  noteGateway(gatewayId: string): void {
    this.#gatewayIds.add(gatewayId);
  }

  /** Somebody's grace ends so much later. */
  noteDeadline(afterMs: number, now: number): void {
    this.#lookAt = Math.min(this.#lookAt, now + afterMs);
  }

  /** The shard is about to be looked at: what is noted from here on counts on top of what is seen. */
  beginLook(): void {
    this.#gatewayIds.clear();
    this.#lookAt = Infinity;
  }

  /** All that was due by this sight was done. */
  noteDone({ gatewayIds, nextDeadlineMs }: ShardSight, now: number): void {
    for (const gatewayId of gatewayIds) this.#gatewayIds.add(gatewayId);
    this.#lookAt = Math.min(this.#lookAt, now + Math.min(LOOK_EVERY_MS, nextDeadlineMs ?? Infinity));
  }
}
