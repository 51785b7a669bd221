import type { ReceiptDTO, RoomId } from '@chat/dto';
import { instantOf, Ticks, withDeadline, type Clock, type Logger, type Service } from '@chat/service-kit';
import { MARK_FLUSH_MS, MARK_SLOTS, MARKS_WAITING_MAX } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { DeliveryMarks, RoomMarks } from './delivery-marks.ts';
import { receiptsOf } from './receipt-records.ts';

/** Longest wait for the last marks at stop, in ms: the publisher answers within that. */
const STOP_FLUSH_MS = 5_000;

export interface ReceiptsPublisherOptions {
  readonly marks: Pick<DeliveryMarks, 'collect' | 'collectAll' | 'isPending'>;
  readonly publish: (receipt: ReceiptDTO) => Promise<unknown>;
  /** Number of the log that is open; 0 before the first. */
  readonly findEpoch: () => Promise<number>;
  readonly partitionOf: (roomId: RoomId) => number;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/**
 * Tells message-receipts how far users have come, each room at most once a second and the rooms spread over it, so that no
 * message waits behind all of them. What cannot be told waits for the next round, up to a bound: a mark that is left out is
 * covered by the next one of its subscription. Sleeps while there is nothing to tell.
 */
export class ReceiptsPublisher implements Service {
  readonly name = 'receipts publisher';
  readonly #options: ReceiptsPublisherOptions;
  readonly #telling = new Set<Promise<void>>();
  #slot = 0;
  #waiting: RoomMarks[] = [];
  #waitingCount = 0;
  readonly #ticks = new Ticks(MARK_FLUSH_MS / MARK_SLOTS, () => this.#tick());
  #isStarted = false;

  constructor(options: ReceiptsPublisherOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#isStarted = true;
    this.wake();
    return Promise.resolve();
  }

  /** Tells what the sessions that have just ended had. */
  async stop(): Promise<void> {
    this.#ticks.stop();
    const flush = async () => {
      await Promise.all(this.#telling);
      await this.#tellAll([...this.#takeWaiting(), ...this.#options.marks.collectAll()]);
    };
    await withDeadline(flush(), STOP_FLUSH_MS, 'telling the last marks');
  }

  /** There is something to tell. */
  wake(): void {
    if (this.#isStarted) this.#ticks.run();
  }

  #tick(): void {
    const { marks } = this.#options;
    this.#slot = (this.#slot + 1) % MARK_SLOTS;
    const collected = marks.collect(this.#slot, performance.now());
    const due = this.#slot === 0 ? [...this.#takeWaiting(), ...collected] : collected;
    if (due.length > 0) this.#track(this.#tellAll(due));
    else if (!marks.isPending && this.#waiting.length === 0) this.#ticks.rest();
  }

  #track(telling: Promise<void>): void {
    this.#telling.add(telling);
    void telling.finally(() => this.#telling.delete(telling));
  }

  /** Never rejects. */
  async #tellAll(due: readonly RoomMarks[]): Promise<void> {
    try {
      const epoch = await this.#options.findEpoch();
      if (epoch === 0) throw new Error('no log epoch was opened yet');
      await Promise.all(due.map((marks) => this.#tellRoom(marks, epoch)));
    } catch (error) {
      for (const marks of due) this.#keep(marks, error);
    }
  }

  /** Never rejects. */
  async #tellRoom(marks: RoomMarks, epoch: number): Promise<void> {
    const { partitionOf, publish, clock } = this.#options;
    const place = { epoch, partition: partitionOf(marks.roomId), at: instantOf(clock.now()) };
    try {
      for (const receipt of receiptsOf(marks, place)) await publish(receipt);
    } catch (error) {
      this.#keep(marks, error);
    }
  }

  #takeWaiting(): readonly RoomMarks[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingCount = 0;
    return waiting;
  }

  #keep(marks: RoomMarks, reason: unknown): void {
    const count = countOf(marks);
    this.#options.logger.debug({ err: reason, count }, 'marks wait');
    if (this.#waitingCount + count > MARKS_WAITING_MAX) return this.#options.metrics.droppedMarks.inc(count);
    this.#waiting.push(marks);
    this.#waitingCount += count;
    this.wake();
  }
}

function countOf({ groups }: RoomMarks): number {
  return groups.reduce((count, { userIds }) => count + userIds.length, 0);
}
