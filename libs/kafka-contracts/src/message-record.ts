import { isUtf8 } from 'node:buffer';
import { changeOf, isStorableJson, type MessageDTO } from '@chat/dto';
import { changeFaultOf } from './change-rules.ts';
import { decimalOf } from './decimal.ts';
import { RECORD_HEADERS } from './headers.ts';
import { partitionOfKey } from './partition.ts';
import { decodeRecord, headerBytes, textOf, type Decoded, type RawRecord } from './record.ts';
import { readWrittenMessage, type MessageHead } from './written-message.ts';

const UTF8 = new TextEncoder();

/**
 * Whether a record of `chat-messages` counts, and the message if so. The one rule for gateways and persister alike: it
 * decodes, every string in it is storable, it keeps the rules of its kind, its key is its room id, and it lies on the
 * partition of that key.
 */
export function decodeMessageRecord(record: RawRecord, partition: number, partitionCount: number): Decoded<MessageDTO> {
  const decoded = decodeRecord('chat-messages', record.value);
  if (!decoded.ok) return decoded;
  const message = decoded.value;
  if (!isStorableJson(message)) return { ok: false, reason: 'a string holds U+0000 or a lone surrogate' };
  const reason = changeFaultOf(message) ?? misplacementOf(record, message, partition, partitionCount);
  return reason === null ? decoded : { ok: false, reason };
}

/**
 * The same for who needs no more than the head of the message, at a tenth of the cost where the value is one that our
 * gateways wrote; every other is decoded as above.
 */
export function readMessageRecord(record: RawRecord, partition: number, partitionCount: number): Decoded<MessageHead> {
  const head = record.value === null ? null : readWrittenMessage(record.value);
  if (head === null) return decodeHead(record, partition, partitionCount);
  const reason = misplacementOf(record, head, partition, partitionCount);
  return reason === null ? { ok: true, value: head } : { ok: false, reason };
}

function decodeHead(record: RawRecord, partition: number, partitionCount: number): Decoded<MessageHead> {
  const decoded = decodeMessageRecord(record, partition, partitionCount);
  if (!decoded.ok) return decoded;
  const { id, senderId, roomId, content, kind = null, system } = decoded.value;
  const bytes = UTF8.encode(JSON.stringify(content));
  const written = { bytes, from: 0, to: bytes.length };
  const notice = (kind === 'SYSTEM' && system) || null;
  return { ok: true, value: { id, senderId, roomId, kind, change: changeOf(decoded.value), notice, content: written } };
}

function misplacementOf(
  { key }: RawRecord,
  { roomId }: Pick<MessageDTO, 'roomId'>,
  partition: number,
  partitionCount: number,
): string | null {
  if (key === null || decimalOf(key, 0, key.length) !== roomId) return 'the key is not the room id';
  const expected = partitionOfKey(key, partitionCount);
  return partition === expected ? null : `the key belongs to partition ${expected}`;
}

/** The ids by which a record may repeat another, in UTF-8 and not empty; null where its producer gave none. */
export interface MessageRepeatIds {
  /** `ce_id`: repeats within its room. */
  readonly eventId: Uint8Array | null;
  /** `client-message-id`: repeats within its room as the sender's own. */
  readonly clientMessageId: Uint8Array | null;
}

/**
 * The ids of a record whose message counts: it repeats an earlier one that counts where it shares room and `eventId`, or
 * room, sender and `clientMessageId` with it (DESIGN §5.2). A client message id counts only as its sender's own: under a
 * `sender-id` that is not the message's it is nobody's, so that no record uses up the key of somebody else.
 */
export function messageRepeatIdsOf(record: RawRecord, { senderId }: Pick<MessageDTO, 'senderId'>): MessageRepeatIds {
  const sender = headerBytes(record, RECORD_HEADERS.senderId);
  const isOwn = sender !== null && decimalOf(sender, 0, sender.length) === senderId;
  return {
    eventId: idIn(record, RECORD_HEADERS.id),
    clientMessageId: isOwn ? idIn(record, RECORD_HEADERS.clientMessageId) : null,
  };
}

/** An empty id names nothing: two records without an id are no repeats of each other. */
function idIn(record: RawRecord, header: string): Uint8Array | null {
  const id = headerBytes(record, header);
  return id !== null && id.length > 0 && isUtf8(id) ? id : null;
}

/** `MessageRepeatIds` as texts. */
export interface MessageRepeatKeys {
  readonly eventId: string | null;
  /** Room and `ce_id` in one text: an event id repeats within its room. */
  readonly eventKey: string | null;
  readonly clientMessageId: string | null;
  /** Sender, room and `client-message-id` in one text. */
  readonly clientKey: string | null;
}

/** `messageRepeatIdsOf` as texts, alone and with what they belong to. */
export function messageRepeatKeysOf(
  record: RawRecord,
  message: Pick<MessageDTO, 'roomId' | 'senderId'>,
): MessageRepeatKeys {
  const { roomId, senderId } = message;
  const ids = messageRepeatIdsOf(record, message);
  const eventId = ids.eventId && textOf(ids.eventId);
  const clientMessageId = ids.clientMessageId && textOf(ids.clientMessageId);
  return {
    eventId,
    eventKey: eventId === null ? null : `${roomId}:${eventId}`,
    clientMessageId,
    clientKey: clientMessageId === null ? null : clientKeyOf(senderId, roomId, clientMessageId),
  };
}

/** Sender, room and client message id as one text; the first two are numbers, so the colons are unambiguous. */
export function clientKeyOf(senderId: number | string, roomId: number | string, clientMessageId: string): string {
  return `${senderId}:${roomId}:${clientMessageId}`;
}
