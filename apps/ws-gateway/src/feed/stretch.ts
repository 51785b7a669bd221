import type { RoomId } from '@chat/dto';
import type { FirstMessage } from '../broker/recent-messages.ts';
import type { FeedRecord } from './room-feed.ts';

/** What a reader of the whole partition says of a record that counts. */
export interface Verdict {
  readonly roomId: RoomId;
  /** The message that it repeats; null where it is the first of its keys, and visible. */
  readonly first: FirstMessage | null;
  /** Id of the room's message before it; null where that is unknown, and for a repeat. */
  readonly prev: string | null;
}

/** A record that counts, and the verdict on it. */
export interface JudgedRecord extends Verdict, Routed {
  readonly record: FeedRecord;
}

/** What whoever routes a record, or takes it in, looks at. */
export interface Routed {
  readonly roomId: RoomId;
  readonly offset: number;
}

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
  /**
   * The offset behind the last record below `to`, whether or not it counts: what lies from there on is hidden from all readers.
   * 0 where the router has read none.
   */
  readonly barrier: number;
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

/** The same in stretches whose records take at most so many bytes each, one record at least. */
export function* splitStretch<Item extends Routed>(
  stretch: Stretch<Item>,
  maxBytes: number,
  bytesOf: (record: Item) => number,
): Generator<Stretch<Item>> {
  let { from, isCut } = stretch;
  let [records, bytes]: [Item[], number] = [[], 0];
  for (const record of stretch.records) {
    const more = bytesOf(record);
    if (records.length > 0 && bytes + more > maxBytes) {
      yield { ...stretch, from, to: record.offset, records, barrier: (records.at(-1)?.offset ?? 0) + 1, isCut };
      [from, isCut, records, bytes] = [record.offset, false, [], 0];
    }
    records.push(record);
    bytes += more;
  }
  yield { ...stretch, from, records, isCut };
}
