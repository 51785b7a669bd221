import type { RoomId, UserId } from '@chat/dto';
import { withDeadline } from '@chat/service-kit';
import { PRESENCE_READ_MS, PRESENCE_REFRESH_AFTER_MS } from '../limits.ts';
import type { RoomChange, RoomWatch, UserPresence } from './room-watch.ts';

/** What Redis says of users; not whole where it may have lost some of them and gateways are announcing them again. */
export interface ReadPresence {
  readonly found: ReadonlyMap<UserId, UserPresence>;
  readonly isWhole: boolean;
}

export interface KnownPresenceOptions {
  readonly watch: RoomWatch;
  /** Rejects while Redis does not answer. */
  readonly readPresence: (userIds: readonly UserId[]) => Promise<ReadPresence>;
  /** In ms, of a clock that never goes back. */
  readonly now: () => number;
}

/** Told of what was read, and of rooms whose presence became stale or is right again. */
export interface PresenceListener {
  readonly learned: (changes: readonly RoomChange[]) => void;
  readonly staleness: (roomIds: Iterable<RoomId>) => void;
}

/**
 * Brings presence from Redis to the watched rooms: of each new room once, and of all of them again after Redis may have lost
 * something. What cannot be read is stale, and nobody waits for it.
 */
export class KnownPresence {
  readonly #options: KnownPresenceOptions;
  /** Rooms of some of whose members nothing is known yet. */
  readonly #unread = new Set<RoomId>();
  #listener: PresenceListener = { learned: () => {}, staleness: () => {} };
  #isAnswering = true;
  /** When everything is to be read again; null where nothing was lost. */
  #refreshAt: number | null = null;
  #isReading = false;

  constructor(options: KnownPresenceOptions) {
    this.#options = options;
  }

  /** Must not throw. */
  onNews(listener: PresenceListener): void {
    this.#listener = listener;
  }

  isStale(roomId: RoomId): boolean {
    return !this.#isAnswering || this.#refreshAt !== null || this.#unread.has(roomId);
  }

  /** Reads what is not known of the room. Resolves at its deadline at the latest, whatever became of it; never rejects. */
  async read(roomId: RoomId): Promise<void> {
    this.#unread.add(roomId);
    try {
      await withDeadline(this.#fill(roomId), PRESENCE_READ_MS, 'reading presence');
    } catch {
      // the room is stale until Redis answers
    }
  }

  forget(roomId: RoomId): void {
    this.#unread.delete(roomId);
  }

  /** Redis answered the last sign of life of this gateway, or did not. */
  noteAnswer(isAnswering: boolean): void {
    const hasChanged = this.#isAnswering !== isAnswering;
    this.#isAnswering = isAnswering;
    if (hasChanged) this.#listener.staleness(this.#options.watch.roomIds);
    if (isAnswering) void this.#catchUp();
  }

  /** Redis lost its data, or was away for so long that others think this gateway dead. */
  noteLost(): void {
    this.#refreshAt = this.#options.now() + PRESENCE_REFRESH_AFTER_MS;
    this.#listener.staleness(this.#options.watch.roomIds);
  }

  async #catchUp(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      if (this.#refreshAt === null) for (const roomId of this.#unread) await this.#fill(roomId);
      else if (this.#options.now() >= this.#refreshAt) await this.#refresh(this.#refreshAt);
    } catch {
      // tried again after the next sign of life
    } finally {
      this.#isReading = false;
    }
  }

  async #fill(roomId: RoomId): Promise<void> {
    const { watch } = this.#options;
    const { isWhole } = await this.#learn(new Map(watch.unknownIn(roomId).map((userId) => [userId, -1])));
    if (isWhole && this.#unread.delete(roomId)) this.#listener.staleness([roomId]);
  }

  async #refresh(refreshAt: number): Promise<void> {
    const { watch } = this.#options;
    const { isWhole } = await this.#learn(watch.versions());
    if (!isWhole || this.#refreshAt !== refreshAt) return;
    this.#refreshAt = null;
    this.#unread.clear();
    this.#listener.staleness(watch.roomIds);
  }

  async #learn(asked: ReadonlyMap<UserId, number>): Promise<ReadPresence> {
    const { watch, readPresence } = this.#options;
    const read = await readPresence([...asked.keys()]);
    this.#listener.learned(watch.learn(asked, read.found, read));
    return read;
  }
}
