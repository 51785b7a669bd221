import type { LastSeenRepository } from '@chat/database';
import type { PresenceStore } from '@chat/redis';
import type { Logger } from '@chat/service-kit';
import { LAST_SEEN_BATCH_SIZE } from './limits.ts';

export interface LastSeenWriterOptions {
  readonly store: PresenceStore;
  readonly lastSeen: Pick<LastSeenRepository, 'saveLastSeen'>;
  readonly logger: Logger;
}

/**
 * Brings last seen times from a shard to Postgres, where they never go back. While Postgres does not answer they wait in
 * Redis, one per user and room, and presence goes on.
 */
export class LastSeenWriter {
  readonly #options: LastSeenWriterOptions;
  readonly #running = new Map<number, Promise<void>>();

  constructor(options: LastSeenWriterOptions) {
    this.#options = options;
  }

  /** Writes what waits. A failure of Postgres is logged and left to the next call; one of Redis is thrown. */
  drain(shard: number): Promise<void> {
    const running = this.#running.get(shard);
    if (running !== undefined) return running;
    const run = this.#drainAll(shard).finally(() => this.#running.delete(shard));
    this.#running.set(shard, run);
    return run;
  }

  async #drainAll(shard: number): Promise<void> {
    const { store } = this.#options;
    for (;;) {
      const pending = await store.listLastSeen(shard, LAST_SEEN_BATCH_SIZE);
      if (pending.length === 0 || !(await this.#save(shard, pending))) return;
      await store.removeLastSeen(shard, pending);
    }
  }

  async #save(shard: number, pending: Awaited<ReturnType<PresenceStore['listLastSeen']>>): Promise<boolean> {
    const entries = pending.map(({ userId, roomId, seenAtMs }) => ({ userId, roomId, lastSeenAt: new Date(seenAtMs) }));
    try {
      await this.#options.lastSeen.saveLastSeen(entries);
      return true;
    } catch (error) {
      this.#options.logger.warn(
        { err: error, shard, waitingCount: pending.length },
        'last seen times wait for Postgres',
      );
      return false;
    }
  }
}
