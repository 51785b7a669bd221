import type { RoomId, UserId } from '@chat/dto';
import type { RoomFeed } from '../feed/room-feed.ts';
import { COVERED_TOGETHER_MS, LOOKUP_DEADLINE_MS } from '../limits.ts';
import type { MembershipIndex } from './membership-index.ts';

export interface CoveredRoomsOptions {
  readonly memberships: Pick<MembershipIndex, 'peek' | 'find' | 'findStored' | 'isKnownSince' | 'relearn' | 'roomsOf'>;
  readonly feed: Pick<RoomFeed, 'coveredSince' | 'whenCovered'>;
  /** In ms, of a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Rooms of users as they pass here. A removal may lie before the offset from which a room is covered, and be read by nobody
 * here: so a membership counts for who is to hear a room only if the database was asked after that. The list of a user is read
 * once more for that, behind all of its rooms, and with those of other users, and not room by room.
 */
export class CoveredRooms {
  readonly #options: CoveredRoomsOptions;
  /** Lists that are about to be read. */
  readonly #relearning = new Map<UserId, Promise<void>>();

  constructor(options: CoveredRoomsOptions) {
    this.#options = options;
  }

  /** Whether the room passes here, and the user was a member once it did: then no cut before that can have been left out. */
  isMember(roomId: RoomId, userId: UserId): boolean {
    const { memberships, feed } = this.#options;
    const isKnown = memberships.peek(roomId, userId) !== undefined;
    return isKnown && memberships.isKnownSince(roomId, userId, feed.coveredSince(roomId));
  }

  /** Resolves once that is so. Rejects with NOT_A_MEMBER, ROOM_NOT_FOUND or UNAVAILABLE. */
  async findMember(roomId: RoomId, userId: UserId): Promise<void> {
    const { memberships, feed } = this.#options;
    await memberships.find(roomId, userId);
    await feed.whenCovered(roomId, LOOKUP_DEADLINE_MS);
    if (!this.isMember(roomId, userId)) await this.#relearn(userId);
    if (!this.isMember(roomId, userId)) await memberships.findStored(roomId, userId);
  }

  /** Null where all rooms of the user pass here; resolves once they do, or after so many ms. */
  whenAllPass(userId: UserId, maxMs: number): Promise<void> | null {
    const rooms = [...this.#options.memberships.roomsOf(userId)];
    const isAll = rooms.every((roomId) => this.#options.feed.coveredSince(roomId) !== Infinity);
    return isAll ? null : this.#passAll(rooms, this.#options.now() + maxMs);
  }

  async #passAll(rooms: readonly RoomId[], until: number): Promise<void> {
    const { feed, now } = this.#options;
    for (const roomId of rooms) {
      const leftMs = until - now();
      if (leftMs <= 0) return;
      await feed.whenCovered(roomId, leftMs)?.catch(() => {}); // who waits for the room itself is told
    }
  }

  /** Shared by all who ask before the list is read. */
  #relearn(userId: UserId): Promise<void> {
    const known = this.#relearning.get(userId);
    if (known !== undefined) return known;
    const relearned = this.#readAgain(userId);
    this.#relearning.set(userId, relearned);
    return relearned;
  }

  async #readAgain(userId: UserId): Promise<void> {
    await this.whenAllPass(userId, COVERED_TOGETHER_MS);
    this.#relearning.delete(userId); // whose room passes only from now on needs another one
    await this.#options.memberships.relearn(userId);
  }
}
