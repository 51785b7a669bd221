import { isUtf8 } from 'node:buffer';
import type { MessageDTO } from '@chat/dto';
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
 * in the very way of `JSON.stringify`, N from 1 to 2^53−1, without anything that is not storable. Null for every other
 * value: what that is, the schema says. A value of this form is one that the schema accepts, with the same fields.
 */
export function readWrittenMessage(bytes: Uint8Array): MessageHead | null {
  const idEnd = numberEnd(bytes, 0, ID);
  const senderEnd = numberEnd(bytes, idEnd, SENDER_ID);
  const roomEnd = numberEnd(bytes, senderEnd, ROOM_ID);
  if (roomEnd < 0 || !hasAt(bytes, roomEnd, CONTENT)) return null;
  const textFrom = roomEnd + CONTENT.length;
  const textTo = textEnd(bytes, textFrom);
  if (textTo < 0 || !isRest(bytes, textTo)) return null;
  const id = decimalOf(bytes, ID.length, idEnd);
  const senderId = decimalOf(bytes, idEnd + SENDER_ID.length, senderEnd);
  const roomId = decimalOf(bytes, senderEnd + ROOM_ID.length, roomEnd);
  if (id === 0 || senderId === 0 || roomId === 0) return null;
  const content = { bytes, from: textFrom - 1, to: textTo + 1 };
  return { id, senderId, roomId, content } as MessageHead; // decimalOf checked the ranges; the brands add only names
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

/** From the end of the content to the end of the value. */
function isRest(bytes: Uint8Array, from: number): boolean {
  for (const type of TYPES) {
    if (!hasAt(bytes, from, type)) continue;
    const end = instantEnd(bytes, from + type.length);
    return end >= 0 && end + END.length === bytes.length && hasAt(bytes, end, END);
  }
  return false;
}
