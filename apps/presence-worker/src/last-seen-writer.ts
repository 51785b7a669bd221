import type { LastSeenRepository } from '@chat/database';
import type { PresenceStore } from '@chat/redis';
import type { Logger, Service } from '@chat/service-kit';
import { LAST_SEEN_BATCH_SIZE } from './limits.ts';

export interface LastSeenWriterOptions {
  readonly store: PresenceStore;
  readonly lastSeen: Pick<LastSeenRepository, 'saveLastSeen'>;
  readonly logger: Logger;
}

/**
 * Brings last seen times from the shards to Postgres, where they never go back. Works beside presence, which never waits for
 * it: while Postgres does not answer the times wait in Redis, one per user and room.
 */
export class LastSeenWriter implements Service {
  readonly name = 'last seen writer';
  readonly #options: LastSeenWriterOptions;
  readonly #running = new Map<number, Promise<void>>();
  /** Shards in which something is known to wait. */
  readonly #failed = new Set<number>();
  #isStopping = false;

  constructor(options: LastSeenWriterOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Waits for the batches that are under way; the rest stays in Redis for the next owner. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running.values());
  }

  /** Tries again what failed. */
  wakeFailed(): void {
    for (const shard of this.#failed) this.wake(shard);
  }

  /** Begins to write what waits in the shard, unless that is under way. */
  wake(shard: number): void {
    if (this.#running.has(shard)) return;
    this.#failed.delete(shard);
    this.#running.set(
      shard,
      this.#drain(shard)
        .catch((error: unknown) => {
          this.#failed.add(shard);
          this.#options.logger.warn({ err: error, shard }, 'last seen times wait in Redis');
        })
        .finally(() => this.#running.delete(shard)),
    );
  }

  async #drain(shard: number): Promise<void> {
    const { store, lastSeen } = this.#options;
    while (!this.#isStopping) {
      const pending = await store.listLastSeen(shard, LAST_SEEN_BATCH_SIZE);
      if (pending.length === 0) return;
      const entries = pending.map(({ userId, roomId, seenAtMs }) => ({
        userId,
        roomId,
        lastSeenAt: new Date(seenAtMs),
      }));
      await lastSeen.saveLastSeen(entries);
      await store.removeLastSeen(shard, pending);
    }
  }
}
