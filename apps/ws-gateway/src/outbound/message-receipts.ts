import { parseRoomId } from '@chat/dto';
import { textOf, type RawRecord } from '@chat/kafka-contracts';
import type { ReceiptsTeller } from '../receipts/receipts-teller.ts';

/**
 * `message-receipts` → the rooms whose senders here may have news. Only the key is read: which marks count is for the rows to
 * say, and most records are of rooms that nobody here asks about.
 */
export class MessageReceiptsConsumer {
  readonly #teller: Pick<ReceiptsTeller, 'marked'>;

  constructor(teller: Pick<ReceiptsTeller, 'marked'>) {
    this.#teller = teller;
  }

  consume(records: readonly RawRecord[]): void {
    for (const { key } of records) {
      const roomId = key === null ? null : parseRoomId(textOf(key));
      if (roomId !== null) this.#teller.marked(roomId);
    }
  }
}
