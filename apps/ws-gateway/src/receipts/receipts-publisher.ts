import type { LogPosition, ReceiptDTO, ReceiptMark, RoomId } from '@chat/dto';
import { instantOf, withDeadline, type Clock, type Logger, type Service } from '@chat/service-kit';
import { MARK_FLUSH_MS, MARKS_PER_RECORD, MARKS_WAITING_MAX } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { DeliveryMark, DeliveryMarks } from './delivery-marks.ts';

/** Longest wait for the last marks at stop, in ms: the publisher answers within that. */
const STOP_FLUSH_MS = 5_000;

export interface ReceiptsPublisherOptions {
  readonly marks: Pick<DeliveryMarks, 'collect' | 'isPending'>;
  readonly publish: (receipt: ReceiptDTO) => Promise<unknown>;
  /** Number of the log that is open; 0 before the first. */
  readonly findEpoch: () => Promise<number>;
  readonly partitionOf: (roomId: RoomId) => number;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/**
 * Tells message-receipts how far users have come, once a second and together for each room. What cannot be told waits, up to
 * a bound: a mark that is left out is covered by the next one of its subscription.
 */
export class ReceiptsPublisher implements Service {
  readonly name = 'receipts publisher';
  readonly #options: ReceiptsPublisherOptions;
  #epoch = 0;
  #waiting: DeliveryMark[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: ReceiptsPublisherOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#timer = setInterval(() => this.#flushIfDue(), MARK_FLUSH_MS);
    return Promise.resolve();
  }

  /** Tells what the sessions that have just ended had. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    await withDeadline(this.#flush(), STOP_FLUSH_MS, 'telling the last marks');
  }

  #flushIfDue(): void {
    if (!this.#options.marks.isPending && this.#waiting.length === 0) return;
    this.#flushing = this.#flushing.then(() => this.#flush());
  }

  /** Never rejects. */
  async #flush(): Promise<void> {
    const { marks, logger } = this.#options;
    const due = [...this.#waiting, ...marks.collect(performance.now())];
    this.#waiting = [];
    if (due.length === 0) return;
    try {
      if (this.#epoch === 0) this.#epoch = await this.#options.findEpoch();
      if (this.#epoch === 0) throw new Error('no log epoch was opened yet');
    } catch (error) {
      logger.debug({ err: error, count: due.length }, 'marks wait');
      return this.#keep(due);
    }
    const byRoom = Map.groupBy(due, ({ roomId }) => roomId);
    await Promise.all(Array.from(byRoom, ([roomId, ofRoom]) => this.#tellRoom(roomId, ofRoom)));
  }

  async #tellRoom(roomId: RoomId, marks: readonly DeliveryMark[]): Promise<void> {
    for (let from = 0; from < marks.length; from += MARKS_PER_RECORD) {
      const some = marks.slice(from, from + MARKS_PER_RECORD);
      const at = instantOf(this.#options.clock.now());
      try {
        await this.#options.publish({ roomId, marks: some.map((mark) => this.#receiptOf(mark)), at });
      } catch (error) {
        this.#options.logger.debug({ err: error, count: some.length }, 'marks wait');
        this.#keep(some);
      }
    }
  }

  #receiptOf({ roomId, userId, upTo, unbrokenFrom }: DeliveryMark): ReceiptMark {
    const position: LogPosition = { epoch: this.#epoch, partition: this.#options.partitionOf(roomId), offset: upTo };
    return { userId, kind: 'DELIVERED', position, unbrokenFrom };
  }

  #keep(marks: readonly DeliveryMark[]): void {
    const fitting = marks.slice(0, Math.max(0, MARKS_WAITING_MAX - this.#waiting.length));
    this.#waiting.push(...fitting);
    this.#options.metrics.droppedMarks.inc(marks.length - fitting.length);
  }
}
