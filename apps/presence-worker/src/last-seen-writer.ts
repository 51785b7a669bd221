import type { LastSeen, LastSeenRepository } from '@chat/database';
import type { PendingLastSeen, PresenceStore } from '@chat/redis';
import type { Logger, Service } from '@chat/service-kit';
import { LAST_SEEN_BATCH_SIZE, LAST_SEEN_REPORTED_MAX } from './limits.ts';

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
  /** Shards that were woken while they were being written: what woke them may have come behind the last look. */
  readonly #wokenAgain = new Set<number>();
  /** Reported by gateways, by room and user. */
  readonly #reported = new Map<string, PendingLastSeen>();
  #writingReported: Promise<void> | null = null;
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
    await Promise.all([...this.#running.values(), this.#writingReported]);
  }

  /**
   * Users have these rooms open, and go on to: the next report says so again. So they need not wait in Redis, nor to be
   * written before the position is committed; what fails is tried again with the next report.
   */
  noteReported(entries: readonly PendingLastSeen[]): void {
    for (const entry of entries) {
      const key = `${entry.roomId}/${entry.userId}`;
      const known = this.#reported.get(key);
      if (known === undefined && this.#reported.size >= LAST_SEEN_REPORTED_MAX) continue;
      if (known === undefined || known.seenAtMs < entry.seenAtMs) this.#reported.set(key, entry);
    }
    if (entries.length === 0 || this.#writingReported !== null) return;
    this.#writingReported = this.#writeReported()
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'reported last seen times wait'))
      .finally(() => (this.#writingReported = null));
  }

  async #writeReported(): Promise<void> {
    while (!this.#isStopping && this.#reported.size > 0) {
      const some: [string, PendingLastSeen][] = [];
      for (const each of this.#reported) if (some.push(each) === LAST_SEEN_BATCH_SIZE) break;
      await this.#options.lastSeen.saveLastSeen(some.map(([, entry]) => lastSeenOf(entry)));
      for (const [key, entry] of some) if (this.#reported.get(key) === entry) this.#reported.delete(key);
    }
  }

  /** Tries again what failed. */
  wakeFailed(): void {
    for (const shard of this.#failed) this.wake(shard);
  }

  /** Writes what waits in the shard; where that is under way, once more behind it. */
  wake(shard: number): void {
    if (this.#running.has(shard)) return void this.#wokenAgain.add(shard);
    this.#failed.delete(shard);
    this.#running.set(
      shard,
      this.#drain(shard)
        .catch((error: unknown) => {
          this.#failed.add(shard);
          this.#options.logger.warn({ err: error, shard }, 'last seen times wait in Redis');
        })
        .finally(() => this.#written(shard)),
    );
  }

  #written(shard: number): void {
    this.#running.delete(shard);
    if (this.#wokenAgain.delete(shard) && !this.#isStopping) this.wake(shard);
  }

  async #drain(shard: number): Promise<void> {
    const { store, lastSeen } = this.#options;
    while (!this.#isStopping) {
      const pending = await store.listLastSeen(shard, LAST_SEEN_BATCH_SIZE);
      if (pending.length === 0) return;
      await lastSeen.saveLastSeen(pending.map(lastSeenOf));
      await store.removeLastSeen(shard, pending);
    }
  }
}

function lastSeenOf({ userId, roomId, seenAtMs }: PendingLastSeen): LastSeen {
  return { userId, roomId, lastSeenAt: new Date(seenAtMs) };
}
