import type { RoomId, UserId } from '@chat/dto';
import { pause, type Logger, type Service } from '@chat/service-kit';
import { ADDED_MEMBERS } from '../limits.ts';
import type { MembershipIndex } from './membership-index.ts';

export interface AddedMembersOptions {
  readonly memberships: Pick<MembershipIndex, 'peek' | 'isHere' | 'relearn'>;
  /** A user of this instance is known to be a member of the room. */
  readonly joined: (roomId: RoomId, userId: UserId) => void;
  readonly logger: Logger;
}

/**
 * Members who were added while they have a session here, until the index knows of it, so that what is for members reaches
 * them: the memberships of many users are read together, one question after the other, and again as long as they cannot be read.
 */
export class AddedMembers implements Service {
  readonly name = 'added members';
  readonly #options: AddedMembersOptions;
  readonly #waiting = new Map<UserId, Set<RoomId>>();
  readonly #stopping = new AbortController();
  #learning: Promise<void> | null = null;

  constructor(options: AddedMembersOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#learning;
  }

  note(roomId: RoomId, userId: UserId): void {
    const { memberships, joined, logger } = this.#options;
    if (!memberships.isHere(userId)) return;
    if (memberships.peek(roomId, userId) !== undefined) return joined(roomId, userId);
    const rooms = this.#waiting.get(userId);
    if (rooms !== undefined) return void rooms.add(roomId);
    if (this.#waiting.size >= ADDED_MEMBERS.maxUsers)
      return logger.warn('too many new members wait to be known; they are told of the room once they connect again');
    this.#waiting.set(userId, new Set([roomId]));
    this.#learning ??= this.#learnAll().finally(() => (this.#learning = null));
  }

  /** Never rejects. */
  async #learnAll(): Promise<void> {
    let failedCount = 0;
    await Promise.resolve(); // all of one batch of events together
    while (this.#waiting.size > 0 && !this.#stopping.signal.aborted) {
      const isLearned = await this.#learnSome();
      failedCount = isLearned ? 0 : failedCount + 1;
      const { againMs, againMaxMs } = ADDED_MEMBERS;
      if (!isLearned) await pause(Math.min(againMs * 2 ** (failedCount - 1), againMaxMs), this.#stopping.signal);
    }
  }

  /** Whether all who were asked for are known. */
  async #learnSome(): Promise<boolean> {
    const some = [...this.#waiting].slice(0, ADDED_MEMBERS.atOnce);
    for (const [userId] of some) this.#waiting.delete(userId); // whoever is added meanwhile is asked for anew
    const learned = await Promise.allSettled(some.map(([userId]) => this.#options.memberships.relearn(userId)));
    for (const [at, [userId, rooms]] of some.entries()) {
      if (learned[at]?.status === 'fulfilled') this.#tell(userId, rooms);
      else this.#waiting.set(userId, new Set([...rooms, ...(this.#waiting.get(userId) ?? [])]));
    }
    const failure = learned.find(({ status }) => status === 'rejected');
    if (failure !== undefined) this.#options.logger.debug(failure, 'new memberships wait for the rows');
    return failure === undefined;
  }

  #tell(userId: UserId, rooms: ReadonlySet<RoomId>): void {
    const { memberships, joined } = this.#options;
    for (const roomId of rooms) if (memberships.peek(roomId, userId) !== undefined) joined(roomId, userId);
  }
}
