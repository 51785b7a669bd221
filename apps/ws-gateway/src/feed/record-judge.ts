import { messageRepeatIdsOf, readMessageRecord } from '@chat/kafka-contracts';
import { messageDigest, writtenContentDigest } from '../broker/content-digest.ts';
import { RecentMessages } from '../broker/recent-messages.ts';
import { RoomTails } from '../broker/room-tails.ts';
import type { FeedRecord } from './room-feed.ts';
import type { JudgedRecord } from './stretch.ts';

export interface RecordJudgeOptions {
  readonly partition: number;
  readonly partitionCount: number;
  /** Offsets within which a repeat is recognised, the same for all that judge. */
  readonly repeatWindow: number;
  /** The first offset that is judged here. */
  readonly from: number;
  /** Whether the log has nothing before it. */
  readonly isLogStart: boolean;
}

/**
 * The one verdict on the records of a partition (docs/decisions/0005): whoever has read `repeatWindow` offsets before a
 * record says the same of it, so one instance can say it for all others.
 */
export class RecordJudge {
  readonly #options: RecordJudgeOptions;
  readonly #recent: RecentMessages;
  readonly #tails: RoomTails;

  constructor(options: RecordJudgeOptions) {
    this.#options = options;
    this.#recent = new RecentMessages(options.repeatWindow);
    this.#tails = new RoomTails(options.repeatWindow);
  }

  /** From this offset on a verdict is what every other reader's is. */
  get isSureFrom(): number {
    const { from, isLogStart, repeatWindow } = this.#options;
    return isLogStart ? from : from + repeatWindow;
  }

  /** The next record of the log; null where it does not count. */
  judge(record: FeedRecord): JudgedRecord | null {
    const { partition, partitionCount } = this.#options;
    const decoded = readMessageRecord(record, partition, partitionCount);
    if (!decoded.ok) return null;
    const { id, roomId, senderId, content, change } = decoded.value;
    const ids = messageRepeatIdsOf(record, decoded.value);
    const digest = ids.clientMessageId && messageDigest(writtenContentDigest(content), change);
    const { offset } = record;
    const isCertain = offset >= this.isSureFrom;
    const message = { messageId: id, roomId, senderId, ids, digest, isCertain };
    const first = this.#recent.observe(partition, offset, message);
    const isVisible = first === null && isCertain;
    const before = isVisible ? this.#tails.pass(partition, roomId, { messageId: String(id), offset }) : undefined;
    return { roomId, offset, first, prev: before?.messageId ?? null, record };
  }
}
