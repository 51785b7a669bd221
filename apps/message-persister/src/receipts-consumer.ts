import type { DeliveredMark, ReadMark, ReceiptMarkRepository, ResumeRepository } from '@chat/database';
import type { LogPosition, ReceiptDTO, RoomId, UserId } from '@chat/dto';
import type { DeadLetters, GroupBatch, RefusedRecord } from '@chat/kafka';
import { decodeRecord } from '@chat/kafka-contracts';
import { ChatError } from '@chat/service-kit';
import { MARK_WAIT_MAX_MS } from './limits.ts';
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

interface PlacedReceipt {
  readonly receipt: ReceiptDTO;
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

  constructor(options: ReceiptsConsumerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Rejects with UNAVAILABLE, so that the batch comes again, while rows are missing that it speaks of. */
  async processBatch(batch: GroupBatch): Promise<void> {
    const { marks, deadLetters, metrics } = this.#options;
    const { receipts, refused } = decodeAll(batch);
    const { stored, ahead } = await this.#judge(receipts);
    if (ahead.length > 0 && !this.#hasWaitedLong(batch)) throw notStoredYet();
    this.#waiting.delete(batch.partition);
    for (const round of roundsOf(stored.flatMap(deliveredMarksOf))) await marks.saveDelivered(round);
    for (const round of roundsOf(stored.flatMap(readMarksOf))) await marks.saveRead(round);
    await deadLetters.setAside(batch.partition, [...refused, ...ahead.map(refusalOf)]);
    metrics.marks.inc(stored.reduce((count, { receipt }) => count + receipt.marks.length, 0));
    await batch.commit(batch.nextOffset);
  }

  /** Whose marks lie among the stored rows, and whose beyond them. Marks of a log before are as stored as they will ever be. */
  async #judge(receipts: readonly PlacedReceipt[]) {
    const { positions, log } = this.#options;
    const storedUpTo = new Map(
      (await positions.listStoredPositions()).map((position) => [position.partition, position.storedUpTo]),
    );
    const isAhead = ({ epoch, partition, offset }: LogPosition) =>
      epoch > log.epoch || (epoch === log.epoch && offset >= (storedUpTo.get(partition) ?? 0));
    const { ahead = [], stored = [] } = Object.groupBy(receipts, ({ receipt }) =>
      receipt.marks.some(({ position }) => isAhead(position)) ? 'ahead' : 'stored',
    );
    return { ahead, stored };
  }

  #hasWaitedLong({ partition, fetchedOffset }: GroupBatch): boolean {
    const known = this.#waiting.get(partition);
    if (known?.offset === fetchedOffset) return this.#now() - known.since >= MARK_WAIT_MAX_MS;
    this.#waiting.set(partition, { offset: fetchedOffset, since: this.#now() });
    return false;
  }
}

function decodeAll({ records }: GroupBatch) {
  const receipts: PlacedReceipt[] = [];
  const refused: RefusedRecord[] = [];
  for (const record of records) {
    const decoded = decodeRecord('message-receipts', record.value);
    if (decoded.ok) receipts.push({ receipt: decoded.value, record });
    else refused.push({ record, reason: decoded.reason });
  }
  return { receipts, refused };
}

function notStoredYet(): ChatError {
  return new ChatError('UNAVAILABLE', { message: 'Messages that marks speak of are not stored yet.' });
}

function refusalOf({ record }: PlacedReceipt): RefusedRecord {
  return { record, reason: 'a mark lies beyond everything that was stored' };
}

/** One that does not say from where on nothing was left out speaks for its own message alone. */
function deliveredMarksOf({ receipt: { roomId, marks } }: PlacedReceipt): readonly DeliveredMark[] {
  return marks
    .filter(({ kind }) => kind === 'DELIVERED')
    .map(({ userId, position, unbrokenFrom = position.offset }) => ({ roomId, userId, position, unbrokenFrom }));
}

function readMarksOf({ receipt: { roomId, marks } }: PlacedReceipt): readonly ReadMark[] {
  return marks.filter(({ kind }) => kind === 'READ').map(({ userId, position }) => ({ roomId, userId, position }));
}

/** In their order, no member twice in a round. */
function roundsOf<Mark extends { readonly roomId: RoomId; readonly userId: UserId }>(
  marks: readonly Mark[],
): readonly (readonly Mark[])[] {
  const rounds: Mark[][] = [];
  const counts = new Map<string, number>();
  for (const mark of marks) {
    const member = `${mark.roomId}/${mark.userId}`;
    const round = counts.get(member) ?? 0;
    counts.set(member, round + 1);
    (rounds[round] ??= []).push(mark);
  }
  return rounds;
}
