import type { ReceiptDTO, RoomId, UserId } from '@chat/dto';
import { instantOf, type Clock, type Logger } from '@chat/service-kit';
import { HISTORY_MARKS_MAX_COUNT } from '../limits.ts';
import type { PageDelivery } from './page-delivery.ts';

export interface HistoryMarksOptions {
  readonly publish: (receipt: ReceiptDTO) => Promise<unknown>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Tells message-receipts what history has delivered (DESIGN §5.7). What was told of a reader last is remembered, so that who
 * asks for the same page again costs nothing. One that is lost is made up for by the next page, or by a subscription.
 */
export class HistoryMarks {
  readonly #options: HistoryMarksOptions;
  readonly #told = new Map<string, PageDelivery>();

  constructor(options: HistoryMarksOptions) {
    this.#options = options;
  }

  /** The reader has the page. Never rejects. */
  async delivered(roomId: RoomId, userId: UserId, delivery: PageDelivery): Promise<void> {
    const { publish, clock, logger } = this.#options;
    const reader = `${roomId}/${userId}`;
    const told = this.#told.get(reader);
    if (told !== undefined && covers(told, delivery)) return;
    this.#keep(reader, delivery);
    try {
      const mark = { userId, kind: 'DELIVERED', ...delivery } as const;
      await publish({ roomId, marks: [mark], at: instantOf(clock.now()) });
    } catch (error) {
      this.#told.delete(reader);
      logger.debug({ err: error }, 'a mark of delivery was not told');
    }
  }

  /** The oldest entry makes room. */
  #keep(reader: string, delivery: PageDelivery): void {
    this.#told.delete(reader);
    this.#told.set(reader, delivery);
    if (this.#told.size <= HISTORY_MARKS_MAX_COUNT) return;
    const [oldest] = this.#told.keys();
    if (oldest !== undefined) this.#told.delete(oldest);
  }
}

function covers(told: PageDelivery, { position, unbrokenFrom }: PageDelivery): boolean {
  return (
    told.position.epoch === position.epoch &&
    told.position.offset >= position.offset &&
    told.unbrokenFrom <= unbrokenFrom
  );
}
