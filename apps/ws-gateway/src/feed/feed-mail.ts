import { RECORD_HEADERS, headerBytes } from '@chat/kafka-contracts';
import { asRoomId, type RoomId } from '@chat/dto';
import type { FirstMessage } from '../broker/recent-messages.ts';
import type { Attachment, InterestChange, JudgedRecord, Routed, Stretch } from './stretch.ts';

/** An instance, and the partition of `room-feed` that it reads. */
export interface Mailbox {
  readonly id: string;
  readonly slot: number;
}

/** A record as it stands in a mail: bytes that a router may keep, since nothing else refers to what was fetched with it. */
export interface WrittenRecord extends Routed {
  readonly written: Uint8Array;
  /** What it takes in memory. */
  readonly bytes: number;
}

/** What instances tell each other on `room-feed`. */
export type FeedMail<Item extends Routed = JudgedRecord> =
  /** To an instance: what is new of a partition. */
  | {
      readonly kind: 'stretch';
      readonly holder: string;
      readonly partition: number;
      readonly stretch: Stretch<Item>;
    }
  /** To a router: what an instance holds of a partition, or what is different. */
  | {
      readonly kind: 'attachment';
      readonly router: string;
      readonly holder: Mailbox;
      readonly partition: number;
      readonly attachment: Attachment;
      /** Which of how many mails, from 0, that together tell all rooms; they come one after the other. */
      readonly part: number;
      readonly parts: number;
    }
  | {
      readonly kind: 'change';
      readonly router: string;
      readonly holder: Mailbox;
      readonly partition: number;
      readonly change: InterestChange;
    }
  /** To all, of whatever version: who routes which partitions, and since when (Unix ms; the latest is right). */
  | {
      readonly kind: 'routing';
      readonly router: Mailbox;
      /** Formats of mail that it reads. */
      readonly reads: readonly number[];
      readonly partitions: readonly (readonly [number, number])[];
      /** Those that it has taken over and cannot route yet: it reads back what it needs for that. */
      readonly readingBack: readonly number[];
    };

/** What is asked of the one who routes a partition. */
export type RoutingRequest = Extract<FeedMail, { kind: 'attachment' | 'change' }>;

/** Headers of a record that travel with it: what a gateway looks at. */
const HEADERS = [
  RECORD_HEADERS.id,
  RECORD_HEADERS.senderId,
  RECORD_HEADERS.clientMessageId,
  RECORD_HEADERS.traceParent,
] as const;
/**
 * Stands first, so that an instance of another version leaves alone what it does not know. A version that raises it reads the one
 * before, too; it writes that one to routers which read no other, to who has attached with it, and wherever it tells what it routes.
 */
const FORMAT = 2;
/** What this version reads. */
export const FEED_FORMATS: readonly number[] = [FORMAT];
const NO_HEADER = 0xffff_ffff;
/** Flags of a record. */
const [HAS_FIRST, IS_CERTAIN, HAS_DIGEST, HAS_PREV] = [1, 2, 4, 8];
const HEAD_BYTES = 5;
/** What a written record takes in memory beside its bytes, generously. */
const RECORD_OVERHEAD_BYTES = 400;
const UTF8 = new TextDecoder();

/*
 * mail    = format:u8 length:u32 head:JSON body
 * body    = record*                                          of a stretch
 *         / room:f64*                                        of an attachment; of a change, those added, then those removed
 * record  = offset:f64 time:f64 room:f64 flags:u8 [first:f64 digest:f64] [prev:f64] (length:u32 header)* length:u32 value
 * All numbers are little-endian; ids are whole numbers below 2^53, which a double holds.
 */

/** One mail; a stretch is bounded by who makes it. */
export function encodeMail(mail: FeedMail<WrittenRecord>): Buffer {
  switch (mail.kind) {
    case 'stretch': {
      const { records, ...stretch } = mail.stretch;
      const size = records.reduce((bytes, { written }) => bytes + written.length, 0);
      return withHead({ ...mail, stretch, count: records.length }, size, (bytes, at) => {
        for (const { written } of records) at += copy(written, bytes, at);
      });
    }
    case 'attachment': {
      const { rooms, ...attachment } = mail.attachment;
      const head = { ...mail, attachment, count: rooms.length };
      return withHead(head, 8 * rooms.length, (bytes, at) => writeRooms(bytes, at, rooms));
    }
    case 'change': {
      const { added, removed, version } = mail.change;
      const rooms = [...added, ...removed];
      const head = { ...mail, change: { version, addedCount: added.length }, count: rooms.length };
      return withHead(head, 8 * rooms.length, (bytes, at) => writeRooms(bytes, at, rooms));
    }
    case 'routing':
      return withHead(mail, 0, () => {});
  }
}

/** Records as they stand in mails, in bytes of their own: those that are judged together share an allocation, and go together. */
export function writeRecords(records: readonly JudgedRecord[]): readonly WrittenRecord[] {
  const sizes = records.map(mailBytesOf);
  const bytes = Buffer.allocUnsafeSlow(sizes.reduce((sum, size) => sum + size, 0)); // never a part of a pool that others keep
  let at = 0;
  return records.map((record) => {
    const from = at;
    at = writeRecord(bytes, at, record);
    const { roomId, offset } = record;
    return { roomId, offset, bytes: at - from + RECORD_OVERHEAD_BYTES, written: bytes.subarray(from, at) };
  });
}

/** Null where it is no mail that this version reads. The bytes of records are the mail's own. */
export function decodeMail(value: Uint8Array | null): FeedMail | null {
  if (value === null || value[0] !== FORMAT) return null;
  try {
    return readMail(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  } catch {
    return null; // cut off, or no JSON
  }
}

/** Bytes that a record takes in a mail. */
export function mailBytesOf(item: JudgedRecord): number {
  let bytes = 29 + (item.first === null ? 0 : 16) + (item.prev === null ? 0 : 8) + (item.record.value?.length ?? 0);
  for (const name of HEADERS) bytes += 4 + (headerBytes(item.record, name)?.length ?? 0);
  return bytes;
}

function withHead(head: object, bodyBytes: number, writeBody: (bytes: Buffer, at: number) => void): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + text.length + bodyBytes);
  bytes.writeUInt8(FORMAT, 0);
  bytes.writeUInt32LE(text.length, 1);
  text.copy(bytes, HEAD_BYTES);
  writeBody(bytes, HEAD_BYTES + text.length);
  return bytes;
}

function writeRooms(bytes: Buffer, from: number, rooms: readonly RoomId[]): void {
  for (const [index, roomId] of rooms.entries()) bytes.writeDoubleLE(roomId, from + 8 * index);
}

function writeRecord(bytes: Buffer, from: number, { offset, roomId, first, prev, record }: JudgedRecord): number {
  let at = bytes.writeDoubleLE(offset, from);
  at = bytes.writeDoubleLE(record.timestamp, at);
  at = bytes.writeDoubleLE(roomId, at);
  at = bytes.writeUInt8(flagsOf(first, prev), at);
  if (first !== null) {
    at = bytes.writeDoubleLE(Number(first.messageId), at);
    at = bytes.writeDoubleLE(first.digest ?? 0, at);
  }
  if (prev !== null) at = bytes.writeDoubleLE(Number(prev), at);
  for (const name of HEADERS) {
    const header = headerBytes(record, name);
    at = bytes.writeUInt32LE(header?.length ?? NO_HEADER, at);
    if (header !== null) at += copy(header, bytes, at);
  }
  const value = record.value ?? new Uint8Array(0);
  at = bytes.writeUInt32LE(value.length, at);
  return at + copy(value, bytes, at);
}

function copy(from: Uint8Array, to: Buffer, at: number): number {
  to.set(from, at);
  return from.length;
}

function flagsOf(first: FirstMessage | null, prev: string | null): number {
  const ofFirst =
    first === null ? 0 : HAS_FIRST | (first.isCertain ? IS_CERTAIN : 0) | (first.digest === null ? 0 : HAS_DIGEST);
  return ofFirst | (prev === null ? 0 : HAS_PREV);
}

/** A mail without what stands in its body, which is `count` records or rooms. */
type Head =
  | (Omit<Extract<FeedMail, { kind: 'stretch' }>, 'stretch'> & {
      readonly stretch: Omit<Stretch<JudgedRecord>, 'records'>;
      readonly count: number;
    })
  | (Omit<Extract<FeedMail, { kind: 'attachment' }>, 'attachment'> & {
      readonly attachment: Omit<Attachment, 'rooms'>;
      readonly count: number;
    })
  | (Omit<Extract<FeedMail, { kind: 'change' }>, 'change'> & {
      readonly change: { readonly version: number; readonly addedCount: number };
      readonly count: number;
    })
  | Extract<FeedMail, { kind: 'routing' }>;

type Test = (value: unknown) => boolean;
const isText: Test = (value) => typeof value === 'string';
const isFlag: Test = (value) => typeof value === 'boolean';
const isWhole: Test = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);
const shape =
  (fields: Readonly<Record<string, Test>>): Test =>
  (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const found = value as Readonly<Record<string, unknown>>; // an object
    return Object.entries(fields).every(([name, test]) => test(found[name]));
  };
const [IS_MAILBOX, IS_PAIR] = [shape({ id: isText, slot: isWhole }), shape({ 0: isWhole, 1: isWhole })];
const TOLD = { router: isText, holder: IS_MAILBOX, partition: isWhole, count: isWhole };
/** What a head has, by its kind; what else it has is of a later version. */
const HEADS: Readonly<Record<Head['kind'], Test>> = {
  stretch: shape({
    ...{ holder: isText, partition: isWhole, count: isWhole },
    stretch: shape({ from: isWhole, to: isWhole, version: isWhole, barrier: isWhole, isCut: isFlag }),
  }),
  attachment: shape({
    ...TOLD,
    ...{ part: isWhole, parts: isWhole, attachment: shape({ version: isWhole, next: isWhole }) },
  }),
  change: shape({ ...TOLD, change: shape({ version: isWhole, addedCount: isWhole }) }),
  routing: shape({
    ...{ router: IS_MAILBOX, reads: listOf(isWhole) },
    ...{ partitions: listOf(IS_PAIR), readingBack: listOf(isWhole) },
  }),
};

function isHead(value: unknown): value is Head {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return Object.entries(HEADS).some(([kind, test]) => kind === value.kind && test(value));
}

/** Null where it is of a kind that this version does not know, or lacks something. */
function readMail(bytes: Buffer): FeedMail | null {
  const bodyAt = HEAD_BYTES + bytes.readUInt32LE(1);
  const head: unknown = JSON.parse(UTF8.decode(bytes.subarray(HEAD_BYTES, bodyAt)));
  if (!isHead(head)) return null;
  switch (head.kind) {
    case 'stretch': {
      const { count, stretch, ...mail } = head;
      return { ...mail, stretch: { ...stretch, records: readRecords(bytes, bodyAt, count) } };
    }
    case 'attachment': {
      const { count, attachment, ...mail } = head;
      return { ...mail, attachment: { ...attachment, rooms: readRooms(bytes, bodyAt, count) } };
    }
    case 'change': {
      const { count, change, ...mail } = head;
      const rooms = readRooms(bytes, bodyAt, count);
      const [added, removed] = [rooms.slice(0, change.addedCount), rooms.slice(change.addedCount)];
      return { ...mail, change: { version: change.version, added, removed } };
    }
    case 'routing':
      return head;
  }
}

function readRooms(bytes: Buffer, from: number, count: number): readonly RoomId[] {
  if (bytes.length !== from + 8 * count) throw new RangeError('the mail has another number of rooms');
  return Array.from({ length: count }, (_, index) => asRoomId(bytes.readDoubleLE(from + 8 * index)));
}

function readRecords(bytes: Buffer, from: number, count: number): readonly JudgedRecord[] {
  const reader = { bytes, at: from };
  if (count > bytes.length - from) throw new RangeError('the mail ends too early');
  return Array.from({ length: count }, () => readRecord(reader));
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function readRecord(reader: Reader): JudgedRecord {
  const offset = readNumber(reader);
  const timestamp = readNumber(reader);
  const roomId = asRoomId(readNumber(reader));
  const flags = reader.bytes.readUInt8(reader.at++);
  const first = (flags & HAS_FIRST) === 0 ? null : readFirst(reader, flags);
  const prev = (flags & HAS_PREV) === 0 ? null : String(readNumber(reader));
  const headers = HEADERS.map(() => readHeader(reader));
  const length = reader.bytes.readUInt32LE(reader.at);
  reader.at += 4;
  const record = {
    key: Buffer.from(String(roomId)),
    value: readBytes(reader, length),
    findHeader: (name: string) => headers[HEADERS.findIndex((each) => each === name)] ?? null,
    offset,
    timestamp,
  };
  return { roomId, offset, first, prev, record };
}

function readFirst(reader: Reader, flags: number): FirstMessage {
  const messageId = String(readNumber(reader));
  const digest = readNumber(reader);
  return { messageId, digest: (flags & HAS_DIGEST) === 0 ? null : digest, isCertain: (flags & IS_CERTAIN) !== 0 };
}

function readNumber(reader: Reader): number {
  const value = reader.bytes.readDoubleLE(reader.at);
  reader.at += 8;
  return value;
}

function readHeader(reader: Reader): Uint8Array | null {
  const length = reader.bytes.readUInt32LE(reader.at);
  reader.at += 4;
  return length === NO_HEADER ? null : readBytes(reader, length);
}

function readBytes(reader: Reader, length: number): Uint8Array {
  if (reader.at + length > reader.bytes.length) throw new RangeError('the mail ends too early');
  const bytes = reader.bytes.subarray(reader.at, reader.at + length);
  reader.at += length;
  return bytes;
}
