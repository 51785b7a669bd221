import { isUtf8 } from 'node:buffer';
import {
  REACTION_MAX_CODE_POINTS,
  type ChangeKind,
  type MessageChange,
  type MessageDTO,
  type MessageId,
  type MessageKind,
  type SystemNotice,
} from '@chat/dto';
import { hasAt } from './bytes.ts';
import { decimalOf, digitsEnd } from './decimal.ts';
import { instantEnd } from './instant-bytes.ts';

/** A part of some bytes, without a copy. */
export interface ByteRange {
  readonly bytes: Uint8Array;
  readonly from: number;
  /** The index behind it. */
  readonly to: number;
}

/** What most readers ask of a message. */
export interface MessageHead extends Pick<MessageDTO, 'id' | 'senderId' | 'roomId'> {
  /** Null for text. */
  readonly kind: MessageKind | null;
  /** What an EDIT, DELETE or REACTION is about; null for every other kind. */
  readonly change: MessageChange | null;
  /** What a SYSTEM message tells; null for every other kind. */
  readonly notice: SystemNotice | null;
  /** The content as `JSON.stringify` writes it, quotation marks included, in UTF-8. */
  readonly content: ByteRange;
}

const ascii = (text: string) => new TextEncoder().encode(text);
const ID = ascii('{"id":');
const SENDER_ID = ascii(',"senderId":');
const ROOM_ID = ascii(',"roomId":');
const CONTENT = ascii(',"content":"');
const TYPES = ['GROUP', 'DIRECT'].map((type) => ascii(`","type":"${type}","timestamp":"`));
const END = ascii('"}');
/** Behind the timestamp of what is no text; a reaction that is taken back ends in the last of these. */
const CHANGES = (['EDIT', 'DELETE', 'REACTION'] as const).map((kind) => ({
  kind,
  name: ascii(`","kind":"${kind}","targetId":`),
}));
const [CHANGE_END, REMOVAL_END] = [ascii('}'), ascii(',"removed":true}')];

const [QUOTATION_MARK, BACKSLASH, FIRST_PRINTABLE, FIRST_NOT_ASCII] = [0x22, 0x5c, 0x20, 0x80];
const SHORT_ESCAPES: ReadonlySet<number> = new Set(ascii('"\\bfnrt'));
/** Of control characters, but for U+0000, which is not storable, and those with a short escape. */
const LONG_ESCAPES = Array.from({ length: 0x1f }, (_, index) => JSON.stringify(String.fromCharCode(index + 1)))
  .map((text) => ascii(text.slice(1, -1)))
  .filter((escape) => escape.length > 2);

/**
 * The head of a message of the one form that our gateways write, read in one pass over the bytes:
 *
 *     {"id":N,"senderId":N,"roomId":N,"content":"…","type":"GROUP" or "DIRECT","timestamp":"<instant>"}
 *
 * or, before the last brace, `,"kind":"EDIT","targetId":N`, the same of DELETE and REACTION, or behind the latter
 * `,"removed":true`; in the very way of `JSON.stringify`, N from 1 to 2^53−1, without anything that is not storable. Null for every other
 * value: what that is, the schema says. A value of this form is one that the schema accepts, with the same fields.
 */
export function readWrittenMessage(bytes: Uint8Array): MessageHead | null {
  const idEnd = numberEnd(bytes, 0, ID);
  const senderEnd = numberEnd(bytes, idEnd, SENDER_ID);
  const roomEnd = numberEnd(bytes, senderEnd, ROOM_ID);
  if (roomEnd < 0 || !hasAt(bytes, roomEnd, CONTENT)) return null;
  const textFrom = roomEnd + CONTENT.length;
  const textTo = textEnd(bytes, textFrom);
  const timeTo = textTo < 0 ? -1 : timestampEnd(bytes, textTo);
  if (timeTo < 0) return null;
  const isText = timeTo + END.length === bytes.length && hasAt(bytes, timeTo, END);
  const change = isText ? null : readChange(bytes, timeTo, textTo - textFrom);
  if (!isText && change === null) return null;
  const id = decimalOf(bytes, ID.length, idEnd);
  const senderId = decimalOf(bytes, idEnd + SENDER_ID.length, senderEnd);
  const roomId = decimalOf(bytes, senderEnd + ROOM_ID.length, roomEnd);
  if (id === 0 || senderId === 0 || roomId === 0) return null;
  const content = { bytes, from: textFrom - 1, to: textTo + 1 };
  const kind = change === null ? null : change.kind;
  return { id, senderId, roomId, kind, change, notice: null, content } as MessageHead; // decimalOf checked the ranges; the brands add only names
}

/** The index behind a field's name and digits; -1 where it is another field, or `from` is none. */
function numberEnd(bytes: Uint8Array, from: number, name: Uint8Array): number {
  return from >= 0 && hasAt(bytes, from, name) ? digitsEnd(bytes, from + name.length) : -1;
}

/** The index of the quotation mark that ends a text; -1 where the text is not as we write it. */
function textEnd(bytes: Uint8Array, from: number): number {
  const { length } = bytes;
  let bits = 0; // that any byte has; escapes are ASCII
  for (let at = from; at < length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTATION_MARK) return bits < FIRST_NOT_ASCII || isUtf8(bytes.subarray(from, at)) ? at : -1;
    if (byte === BACKSLASH) {
      const escaped = escapeLength(bytes, at);
      if (escaped === 0) return -1;
      at += escaped - 1;
    } else if (byte < FIRST_PRINTABLE) return -1;
    bits |= byte;
  }
  return -1;
}

/** 0 where it is none that `JSON.stringify` makes of a storable text. */
function escapeLength(bytes: Uint8Array, at: number): number {
  if (SHORT_ESCAPES.has(bytes[at + 1] ?? 0)) return 2;
  return LONG_ESCAPES.find((escape) => hasAt(bytes, at, escape))?.length ?? 0;
}

/** The index behind the timestamp; -1 where it and the type before it are not as we write them. */
function timestampEnd(bytes: Uint8Array, from: number): number {
  for (const type of TYPES) {
    if (hasAt(bytes, from, type)) return instantEnd(bytes, from + type.length);
  }
  return -1;
}

/** What stands from the end of the timestamp to that of the value; null where that is no change, or may be none. */
function readChange(bytes: Uint8Array, from: number, contentBytes: number): MessageChange | null {
  for (const { kind, name } of CHANGES) {
    if (!hasAt(bytes, from, name)) continue;
    const targetEnd = digitsEnd(bytes, from + name.length);
    const isRemoval = kind === 'REACTION' && hasAt(bytes, targetEnd, REMOVAL_END);
    const end = isRemoval ? REMOVAL_END : CHANGE_END;
    const targetId = decimalOf(bytes, from + name.length, targetEnd);
    const isWhole = hasAt(bytes, targetEnd, end) && targetEnd + end.length === bytes.length;
    if (!isWhole || targetId === 0 || !fits(kind, contentBytes)) return null;
    return { kind, targetId: targetId as MessageId, isRemoval }; // as of the other ids
  }
  return null;
}

/** Whether so many bytes are a content of the kind for certain: no code point has less than one. */
function fits(kind: ChangeKind, contentBytes: number): boolean {
  if (kind === 'DELETE') return contentBytes === 0;
  return contentBytes > 0 && (kind === 'EDIT' || contentBytes <= REACTION_MAX_CODE_POINTS);
}
