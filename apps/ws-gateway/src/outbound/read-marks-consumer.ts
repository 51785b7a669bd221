import { parseRoomId, receiptMarksOf } from '@chat/dto';
import { decodeRecord, textOf, type RawRecord } from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import type { RoomNotifications } from '../notifications/room-notifications.ts';

export interface ReadMarksConsumerOptions {
  readonly notifications: Pick<RoomNotifications, 'isNotified' | 'noteRead'>;
  readonly logger: Logger;
}

/** `message-receipts` → the other devices of who has read. Of rooms that nobody here is told of no more than the key is read. */
export class ReadMarksConsumer {
  readonly #options: ReadMarksConsumerOptions;

  constructor(options: ReadMarksConsumerOptions) {
    this.#options = options;
  }

  consume(records: readonly RawRecord[]): void {
    for (const { key, value } of records) {
      const roomId = key === null ? null : parseRoomId(textOf(key));
      if (roomId !== null && this.#options.notifications.isNotified(roomId)) this.#take(value);
    }
  }

  #take(value: RawRecord['value']): void {
    const { notifications, logger } = this.#options;
    const decoded = decodeRecord('message-receipts', value);
    if (!decoded.ok) return logger.warn({ reason: decoded.reason }, 'a record of message-receipts was passed over');
    const { roomId } = decoded.value;
    for (const { userId, position } of receiptMarksOf(decoded.value, 'READ')) {
      notifications.noteRead(roomId, userId, position);
    }
  }
}
