import { asRoomId, receiptMarksOf } from '@chat/dto';
import { decimalOf, decodeRecord, type RawRecord } from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import type { RoomNotifications } from '../notifications/room-notifications.ts';
import type { ReceiptsTeller } from '../receipts/receipts-teller.ts';

export interface MessageReceiptsOptions {
  readonly teller: Pick<ReceiptsTeller, 'marked'>;
  readonly notifications: Pick<RoomNotifications, 'isNotified' | 'noteRead'>;
  readonly logger: Logger;
}

/**
 * `message-receipts` → the rooms whose senders here may have news, and the other devices of who has read. Of rooms that nobody
 * here is notified of no more than the key is read: which marks count is for the rows to say.
 */
export class MessageReceiptsConsumer {
  readonly #options: MessageReceiptsOptions;

  constructor(options: MessageReceiptsOptions) {
    this.#options = options;
  }

  consume(records: readonly RawRecord[]): void {
    const { teller, notifications } = this.#options;
    for (const { key, value } of records) {
      const id = key === null ? 0 : decimalOf(key, 0, key.length);
      if (id === 0) continue;
      const roomId = asRoomId(id);
      teller.marked(roomId);
      if (notifications.isNotified(roomId)) this.#noteRead(value);
    }
  }

  #noteRead(value: RawRecord['value']): void {
    const { notifications, logger } = this.#options;
    const decoded = decodeRecord('message-receipts', value);
    if (!decoded.ok) return logger.warn({ reason: decoded.reason }, 'a record of message-receipts was passed over');
    const { roomId } = decoded.value;
    for (const { userId, position } of receiptMarksOf(decoded.value, 'READ')) {
      notifications.noteRead(roomId, userId, position);
    }
  }
}
