import type { DeliveredMark, ReadMark, ReceiptMarkRepository, ResumeRepository } from '@chat/database';
import { receiptMarksOf, type LogPosition, type ReceiptMark, type RoomId } from '@chat/dto';
import type { DeadLetters, GroupBatch, RefusedRecord } from '@chat/kafka';
import { decodeRecord } from '@chat/kafka-contracts';
import { ChatError } from '@chat/service-kit';
import { MARK_WAIT_MAX_MS } from './limits.ts';
import { mergeDelivered, mergeRead } from './merge-marks.ts';
import type { PersisterMetrics } from './metrics.ts';
import type { OpenLog } from './open-log.ts';

/** Its consumer group, without prefix. */
export const RECEIPTS_GROUP = 'message-persister-receipts';

export interface ReceiptsConsumerOptions {
  readonly marks: Pick<ReceiptMarkRepository, 'saveDelivered' | 'saveRead'>;
  readonly positions: Pick<ResumeRepository, 'listStoredPositions'>;
  readonly log: Pick<OpenLog, 'epoch'>;
  readonly deadLetters: DeadLetters;
  readonly metrics: PersisterMetrics;
  /** Monotonic time in ms. */
  readonly now?: () => number;
}

/** The marks of one record. */
interface PlacedMarks {
  readonly roomId: RoomId;
  readonly marks: readonly ReceiptMark[];
  readonly record: GroupBatch['records'][number];
}

/**
 * Stores how far members have come (message-receipts). A mark waits until everything up to it is stored: whether something
 * before it was left out is judged by the rows. Marks only rise, so a batch that comes again does no harm.
 */
export class ReceiptsConsumer {
  readonly #options: ReceiptsConsumerOptions;
  readonly #now: () => number;
  /** Since when the batch that begins here waits for rows, by partition. */
  readonly #waiting = new Map<number, { readonly offset: number; readonly since: number }>();
  /** How far the partitions were stored when this was last asked. */
  #storedUpTo: ReadonlyMap<number, number> = new Map();

  constructor(options: ReceiptsConsumerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Rejects with UNAVAILABLE, so that the batch comes again, while rows are missing that it speaks of. */
  async processBatch(batch: GroupBatch): Promise<void> {
    const { marks, deadLetters, metrics } = this.#options;
    const { decoded, refused } = decodeAll(batch);
    const { stored, ahead } = await this.#judge(decoded);
    if (ahead.length > 0 && !this.#hasWaitedLong(batch)) throw notStoredYet();
    this.#waiting.delete(batch.partition);
    for (const round of mergeDelivered(stored.flatMap(deliveredMarksOf))) await marks.saveDelivered(round);
    await marks.saveRead(mergeRead(stored.flatMap(readMarksOf)));
    await deadLetters.setAside(batch.partition, [...refused, ...ahead.map(refusalOf)]);
    metrics.marks.inc(stored.reduce((count, { marks: ofRecord }) => count + ofRecord.length, 0));
    await batch.commit(batch.nextOffset);
  }

  /** Whose marks lie among the stored rows, and whose beyond them. Marks of a log before are as stored as they will ever be. */
  async #judge(records: readonly PlacedMarks[]) {
    if (records.some((record) => this.#isAhead(record))) await this.#lookUpPositions();
    const { ahead = [], stored = [] } = Object.groupBy(records, (record) =>
      this.#isAhead(record) ? 'ahead' : 'stored',
    );
    return { ahead, stored };
  }

  #isAhead({ marks }: PlacedMarks): boolean {
    const { epoch } = this.#options.log;
    const isAhead = ({ epoch: ofMark, partition, offset }: LogPosition) =>
      ofMark > epoch || (ofMark === epoch && offset >= (this.#storedUpTo.get(partition) ?? 0));
    return marks.some(({ position }) => isAhead(position));
  }

  async #lookUpPositions(): Promise<void> {
    const positions = await this.#options.positions.listStoredPositions();
    this.#storedUpTo = new Map(positions.map(({ partition, storedUpTo }) => [partition, storedUpTo]));
  }

  #hasWaitedLong({ partition, fetchedOffset }: GroupBatch): boolean {
    const known = this.#waiting.get(partition);
    if (known?.offset === fetchedOffset) return this.#now() - known.since >= MARK_WAIT_MAX_MS;
    this.#waiting.set(partition, { offset: fetchedOffset, since: this.#now() });
    return false;
  }
}

function decodeAll({ records }: GroupBatch) {
  const decoded: PlacedMarks[] = [];
  const refused: RefusedRecord[] = [];
  for (const record of records) {
    const receipt = decodeRecord('message-receipts', record.value);
    if (receipt.ok) decoded.push({ roomId: receipt.value.roomId, marks: receiptMarksOf(receipt.value), record });
    else refused.push({ record, reason: receipt.reason });
  }
  return { decoded, refused };
}

function notStoredYet(): ChatError {
  return new ChatError('UNAVAILABLE', { message: 'Messages that marks speak of are not stored yet.' });
}

function refusalOf({ record }: PlacedMarks): RefusedRecord {
  return { record, reason: 'a mark lies beyond everything that was stored' };
}

/** One that does not say from where on nothing was left out speaks for its own message alone. */
function deliveredMarksOf({ roomId, marks }: PlacedMarks): readonly DeliveredMark[] {
  return marks
    .filter(({ kind }) => kind === 'DELIVERED')
    .map(({ userId, position, unbrokenFrom = position.offset }) => ({ roomId, userId, position, unbrokenFrom }));
}

function readMarksOf({ roomId, marks }: PlacedMarks): readonly ReadMark[] {
  return marks.filter(({ kind }) => kind === 'READ').map(({ userId, position }) => ({ roomId, userId, position }));
}
