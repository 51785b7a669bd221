import { isStorableJson, type MessageDTO } from '@chat/dto';
import { RECORD_HEADERS } from './headers.ts';
import { partitionOf } from './partition.ts';
import { decodeRecord, headerText, keyText, type Decoded, type RawRecord } from './record.ts';

/** What decides whether a record repeats an earlier one; null where the producer gave none. */
export interface RepeatKeys {
  readonly eventId: string | null;
  /** Sender, room and `client-message-id` in one text. */
  readonly clientKey: string | null;
}

/**
 * Whether a record of `chat-messages` counts, and the message if so. The one rule for gateways and persister alike: it
 * decodes, every string in it is storable, its key is its room id, and it lies on the partition of that key.
 */
export function decodeMessageRecord(record: RawRecord, partition: number, partitionCount: number): Decoded<MessageDTO> {
  const decoded = decodeRecord('chat-messages', record.value);
  if (!decoded.ok) return decoded;
  const message = decoded.value;
  if (!isStorableJson(message)) return { ok: false, reason: 'a string holds U+0000 or a lone surrogate' };
  const key = keyText(record);
  if (key !== String(message.roomId)) return { ok: false, reason: 'the key is not the room id' };
  const expected = partitionOf(key, partitionCount);
  if (partition !== expected) return { ok: false, reason: `the key belongs to partition ${expected}` };
  return decoded;
}

/** The repeat keys of a record of `chat-messages`, from its headers and key alone. */
export function repeatKeysOf(record: RawRecord): RepeatKeys {
  const clientMessageId = headerText(record, RECORD_HEADERS.clientMessageId);
  const senderId = headerText(record, RECORD_HEADERS.senderId);
  const roomKey = keyText(record);
  return {
    eventId: headerText(record, RECORD_HEADERS.id),
    clientKey:
      clientMessageId === null || senderId === null || roomKey === null
        ? null
        : clientKeyOf(senderId, roomKey, clientMessageId),
  };
}

/** Sender, room and client message id as one text; the first two are numbers, so the colons are unambiguous. */
export function clientKeyOf(senderId: number | string, roomId: number | string, clientMessageId: string): string {
  return `${senderId}:${roomId}:${clientMessageId}`;
}
