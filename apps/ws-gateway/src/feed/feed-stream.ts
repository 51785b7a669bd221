import type { RoomId } from '@chat/dto';
import type { Attachment, InterestChange, Routed, Stretch } from './stretch.ts';

/** What a stretch came to. */
export type Taken<Item extends Routed> =
  | {
      readonly kind: 'taken';
      readonly records: readonly Item[];
      /** Rooms of which everything passes here from `next` as it was before this stretch. */
      readonly settled: readonly RoomId[];
    }
  /** It is not what is wanted now: of an interest before the one in force, or told before. */
  | { readonly kind: 'stale' }
  /** Something before it has not come, and may come: attach anew. */
  | { readonly kind: 'gap' }
  /** Something before it can be had of no router: this instance cannot go on. */
  | { readonly kind: 'lost' };

interface HeldRoom {
  /** The interest that it belongs to first. */
  readonly since: number;
  /** From this offset on everything of the room passes here; null while that is not settled. */
  coveredFrom: number | null;
}

/**
 * One partition as an instance receives it in stretches, from whichever router: each record of a room that it holds once, in
 * the order of the log. Interests are numbered here, so that a stretch says by which one it was picked; once one is in force,
 * what was picked by one before it counts no more, since it may lack rooms. So neither a frozen router that goes on, nor two
 * at the same time, nor what comes twice or late can make a hole.
 */
export class FeedStream<Item extends Routed> {
  readonly #rooms = new Map<RoomId, HeldRoom>();
  #next: number;
  #version = 0;
  #inForce = 0;

  constructor(next: number) {
    this.#next = next;
  }

  /** Everything below has passed here, of the rooms that were held then. */
  get next(): number {
    return this.#next;
  }

  /** Whether a router has answered the newest interest. */
  get isInForce(): boolean {
    return this.#inForce === this.#version;
  }

  /** Whether a router has answered any interest. */
  get hasBeenInForce(): boolean {
    return this.#inForce > 0;
  }

  has(roomId: RoomId): boolean {
    return this.#rooms.has(roomId);
  }

  /** From which offset on everything of the room passes here; null where it is not held, or that is not settled. */
  coveredFrom(roomId: RoomId): number | null {
    return this.#rooms.get(roomId)?.coveredFrom ?? null;
  }

  /** Holds rooms, and no longer others. What is to be told to the router; null where that is nothing. */
  change(added: readonly RoomId[], removed: readonly RoomId[]): InterestChange | null {
    const [news, gone] = [added.filter((roomId) => !this.has(roomId)), removed.filter((roomId) => this.has(roomId))];
    if (news.length === 0 && gone.length === 0) return null;
    this.#version += 1;
    for (const roomId of gone) this.#rooms.delete(roomId);
    for (const roomId of news) this.#rooms.set(roomId, { since: this.#version, coveredFrom: null });
    return { version: this.#version, added: news, removed: gone };
  }

  /** To a router that was not told before, or may have forgotten: what is held, and from where on. */
  attach(): Attachment {
    this.#version += 1;
    return { version: this.#version, next: this.#next, rooms: [...this.#rooms.keys()] };
  }

  /** A sign of life to a router that knows what is held. */
  renew(): InterestChange {
    this.#version += 1;
    return { version: this.#version, added: [], removed: [] };
  }

  take(stretch: Stretch<Item>): Taken<Item> {
    const { from, to, version, isCut } = stretch;
    if (version < this.#inForce || to < this.#next) return { kind: 'stale' };
    if (from > this.#next) return isCut ? { kind: 'lost' } : { kind: 'gap' };
    const settled = version > this.#inForce ? this.#settle(version) : [];
    const records = stretch.records.filter((record) => this.#isWanted(record));
    this.#next = to;
    return { kind: 'taken', records, settled };
  }

  #settle(version: number): readonly RoomId[] {
    this.#inForce = version;
    const settled: RoomId[] = [];
    for (const [roomId, room] of this.#rooms) {
      if (room.coveredFrom !== null || room.since > version) continue;
      room.coveredFrom = this.#next;
      settled.push(roomId);
    }
    return settled;
  }

  #isWanted({ roomId, offset }: Item): boolean {
    return offset >= this.#next && this.coveredFrom(roomId) !== null;
  }
}
