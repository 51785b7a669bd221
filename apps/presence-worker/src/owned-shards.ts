import type { PresenceStore } from '@chat/redis';
import { ChatError, type Logger } from '@chat/service-kit';
import { CATCH_UP_MS, STALE_MS } from './limits.ts';
import { ShardAgenda } from './shard-agenda.ts';

interface OwnedShard {
  generation: number;
  /** When it was taken over, and since when Redis says that it is another's; monotonic ms. */
  readonly ownedSince: number;
  staleSince: number | null;
  /** Whether the log holds more than was processed; null before the log has spoken. */
  isBehind: boolean | null;
  readonly agenda: ShardAgenda;
}

/**
 * The shards of this instance: the partitions of session-events that the group gives to it. Each was claimed in Redis, whose
 * scripts refuse every earlier owner by its generation.
 */
export class OwnedShards {
  readonly #store: PresenceStore;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #shards = new Map<number, OwnedShard>();

  constructor({
    store,
    logger,
    now = () => performance.now(),
  }: {
    store: PresenceStore;
    logger: Logger;
    now?: () => number;
  }) {
    this.#store = store;
    this.#logger = logger;
    this.#now = now;
  }

  /** Claims them; rejects with UNAVAILABLE while Redis does not answer. */
  async claim(shards: readonly number[]): Promise<void> {
    for (const shard of shards) {
      const generation = await this.#store.claimShard(shard);
      const agenda = new ShardAgenda();
      this.#shards.set(shard, { generation, ownedSince: this.#now(), staleSince: null, isBehind: null, agenda });
    }
    this.#logger.info({ shards }, 'shards claimed');
  }

  release(shards: readonly number[]): void {
    for (const shard of shards) this.#shards.delete(shard);
  }

  get numbers(): number[] {
    return [...this.#shards.keys()];
  }

  /** Undefined for a shard that is not, or no longer, owned. */
  agendaOf(shard: number): ShardAgenda | undefined {
    return this.#shards.get(shard)?.agenda;
  }

  /** Null for a shard that is not, or no longer, owned. */
  generationOf(shard: number): number | null {
    return this.#shards.get(shard)?.generation ?? null;
  }

  /** Like `generationOf`, for those who cannot go on without: UNAVAILABLE. */
  getGeneration(shard: number): number {
    const generation = this.generationOf(shard);
    if (generation === null) throw new ChatError('UNAVAILABLE', { message: 'The shard belongs to another instance.' });
    return generation;
  }

  /** Whether what was read of the log leaves more of it to read. */
  noteProgress(shard: number, isBehind: boolean): void {
    const owned = this.#shards.get(shard);
    if (owned !== undefined) owned.isBehind = isBehind;
  }

  /** Whether this is the first that the log says since the shard was taken over. */
  isUnheard(shard: number): boolean {
    return this.#shards.get(shard)?.isBehind === null;
  }

  /**
   * Whether what is due may be done: a return that lies in the log unread must not come after the grace that it ends. A
   * shard whose log says nothing for a while after the take-over has nothing to say.
   */
  isCaughtUp(shard: number): boolean {
    const owned = this.#shards.get(shard);
    if (owned === undefined || owned.isBehind === true) return false;
    return owned.isBehind === false || this.#now() - owned.ownedSince >= CATCH_UP_MS;
  }

  /**
   * Redis says that the shard is another's. Claimed again where Kafka goes on giving it to this instance: then the other
   * claimed late, and is gone.
   */
  async noteStale(shard: number): Promise<void> {
    const owned = this.#shards.get(shard);
    if (owned === undefined) return;
    owned.staleSince ??= this.#now();
    if (this.#now() - owned.staleSince < STALE_MS) return;
    this.#logger.warn({ shard }, 'the shard was claimed by another instance, claiming it again');
    await this.claimAgain(shard);
  }

  async claimAgain(shard: number): Promise<void> {
    const generation = await this.#store.claimShard(shard);
    const owned = this.#shards.get(shard);
    if (owned === undefined) return;
    owned.generation = generation;
    owned.staleSince = null;
    owned.agenda.lookSoon();
  }

  noteOwned(shard: number): void {
    const owned = this.#shards.get(shard);
    if (owned !== undefined) owned.staleSince = null;
  }
}
