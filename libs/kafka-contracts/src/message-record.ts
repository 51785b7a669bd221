import { isStorableJson, type MessageDTO } from '@chat/dto';
import { RECORD_HEADERS } from './headers.ts';
import { partitionOf } from './partition.ts';
import { decodeRecord, headerText, keyText, type Decoded, type RawRecord } from './record.ts';

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

/** What decides whether a record that counts repeats an earlier one; null where its producer gave none. */
export interface MessageRepeatKeys {
  readonly eventId: string | null;
  /** Room and `ce_id` in one text: an event id repeats within its room. */
  readonly eventKey: string | null;
  readonly clientMessageId: string | null;
  /** Sender, room and `client-message-id` in one text. */
  readonly clientKey: string | null;
}

/**
 * The repeat keys of a record whose message `decodeMessageRecord` gave: it repeats an earlier one that counts where it shares
 * `eventKey` or `clientKey` with it (DESIGN §5.2). A client message id counts only as its sender's own: under a `sender-id`
 * that is not the message's it is nobody's, so that no record uses up the key of somebody else.
 */
export function messageRepeatKeysOf(
  record: RawRecord,
  { roomId, senderId }: Pick<MessageDTO, 'roomId' | 'senderId'>,
): MessageRepeatKeys {
  const eventId = idIn(record, RECORD_HEADERS.id);
  const isOwn = headerText(record, RECORD_HEADERS.senderId) === String(senderId);
  const clientMessageId = isOwn ? idIn(record, RECORD_HEADERS.clientMessageId) : null;
  return {
    eventId,
    eventKey: eventId === null ? null : `${roomId}:${eventId}`,
    clientMessageId,
    clientKey: clientMessageId === null ? null : clientKeyOf(senderId, roomId, clientMessageId),
  };
}

/** An empty id names nothing: two records without an id are no repeats of each other. */
function idIn(record: RawRecord, header: string): string | null {
  const id = headerText(record, header);
  return id === '' ? null : id;
}

/** Sender, room and client message id as one text; the first two are numbers, so the colons are unambiguous. */
export function clientKeyOf(senderId: number | string, roomId: number | string, clientMessageId: string): string {
  return `${senderId}:${roomId}:${clientMessageId}`;
}
