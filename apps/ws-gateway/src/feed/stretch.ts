import type { RoomId } from '@chat/dto';
import type { FirstMessage } from '../broker/recent-messages.ts';
import type { FeedRecord } from './room-feed.ts';

/** A record that counts, as a reader of the whole partition judges it. */
export interface JudgedRecord extends FeedRecord {
  readonly roomId: RoomId;
  /** The message that it repeats; null where it is the first of its keys, and visible. */
  readonly first: FirstMessage | null;
  /** Id of the room's message before it; null where that is unknown, and for a repeat. */
  readonly prev: string | null;
}

/** What a router keeps and sends on: it looks at nothing else of a record. */
export type Routed = Pick<JudgedRecord, 'roomId' | 'offset'> & { readonly bytes: number };

/**
 * A stretch of a partition's log as a router sends it to one instance: of the rooms that the instance holds, every record
 * between two offsets. Stretches that follow each other are the log of those rooms.
 */
export interface Stretch<Item extends Routed> {
  /** Offsets from `from` on, and below `to`. Both are the same where it only tells that an interest is in force. */
  readonly from: number;
  readonly to: number;
  /** The interest by which the records were picked, as the instance numbers them. */
  readonly version: number;
  readonly records: readonly Item[];
  /** Whether the router has nothing before `from` any more. */
  readonly isCut: boolean;
}

/** The rooms of a partition that an instance holds, all of them: from `next` on it wants their records. */
export interface Attachment {
  readonly version: number;
  readonly next: number;
  readonly rooms: readonly RoomId[];
}

/** What is different from the interest numbered `version - 1`. */
export interface InterestChange {
  readonly version: number;
  readonly added: readonly RoomId[];
  readonly removed: readonly RoomId[];
}
