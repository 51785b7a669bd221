/**
 * One record of a record batch (Kafka protocol, "Record"; the grammar is in record-decoder.ts), in one pass into one buffer.
 * It gives the bytes that kafkajs's own encoder gives, which makes a buffer of 512 bytes and more for every header.
 */

type Field = Uint8Array | string | null;

/** A record as kafkajs passes it to its encoder. */
export interface RecordFields {
  readonly offsetDelta?: number;
  /** ms. */
  readonly timestampDelta?: number;
  readonly key?: Field;
  readonly value?: Field;
  readonly headers?: Readonly<Record<string, Field | readonly Field[] | undefined>>;
}

/** What kafkajs takes for one of its encoders: `buf` says that it is one, `buffer` is what it has written. */
export interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/** Longest that a varint of 32 bits and one of 64 may be, in bytes. */
const VARINT_BYTES = 5;
const VARLONG_BYTES = 10;
/** Longest that one UTF-16 unit may be in UTF-8, in bytes. */
const UNIT_BYTES = 3;
/** No used record attributes. */
const ATTRIBUTES = 0;

export function encodeRecordOfBatch(record: RecordFields): Encoded {
  const { offsetDelta = 0, timestampDelta = 0, key = null, value = null, headers = {} } = record;
  const fields = [key, value, ...fieldsOf(headers)];
  const writer = new RecordWriter(fields);
  writer.int8(ATTRIBUTES);
  writer.varlong(timestampDelta);
  writer.varint(offsetDelta);
  writer.field(key);
  writer.field(value);
  writer.varint((fields.length - 2) / 2);
  for (let index = 2; index < fields.length; index += 1) writer.field(fields[index] ?? null);
  const buffer = writer.finish();
  return { buf: buffer, buffer };
}

/** Names and values by turns; a header with several values comes so many times. */
function fieldsOf(headers: NonNullable<RecordFields['headers']>): Field[] {
  const fields: Field[] = [];
  for (const name of Object.keys(headers)) {
    const header = headers[name] ?? null;
    if (isList(header)) for (const one of header) fields.push(name, one);
    else fields.push(name, header);
  }
  return fields;
}

function isList(header: Field | readonly Field[]): header is readonly Field[] {
  return Array.isArray(header);
}

/** Writes from the sixth byte on; the length of it all comes before that in the end. */
class RecordWriter {
  readonly #bytes: Buffer;
  #at = VARINT_BYTES;

  constructor(fields: readonly Field[]) {
    let most = VARINT_BYTES + 1 + VARLONG_BYTES + 2 * VARINT_BYTES;
    for (const field of fields) most += VARINT_BYTES + sizeAtMost(field);
    this.#bytes = Buffer.allocUnsafe(most);
  }

  int8(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  /** Zigzag; 32 bits. */
  varint(value: number): void {
    this.#at = this.#writeUnsigned(((value << 1) ^ (value >> 31)) >>> 0, this.#at);
  }

  /** Zigzag; exact as far as a double is. */
  varlong(value: number): void {
    this.#at = this.#writeUnsigned(value < 0 ? -2 * value - 1 : 2 * value, this.#at);
  }

  /** Length and bytes; null has the length -1. */
  field(field: Field): void {
    if (field === null) return this.varint(-1);
    if (typeof field !== 'string') {
      this.varint(field.length);
      this.#bytes.set(field, this.#at);
      this.#at += field.length;
      return;
    }
    this.varint(Buffer.byteLength(field));
    this.#at += this.#bytes.write(field, this.#at);
  }

  finish(): Buffer {
    const length = this.#at - VARINT_BYTES;
    const start = VARINT_BYTES - varintSize(2 * length);
    this.#writeUnsigned(2 * length, start);
    return this.#bytes.subarray(start, this.#at);
  }

  /** Seven bits a byte, the lowest first; where it ends. */
  #writeUnsigned(value: number, from: number): number {
    let [rest, at] = [value, from];
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[at++] = (rest % 0x80) | 0x80;
    this.#bytes[at++] = rest;
    return at;
  }
}

function sizeAtMost(field: Field): number {
  if (field === null) return 0;
  return typeof field === 'string' ? field.length * UNIT_BYTES : field.length;
}

function varintSize(unsigned: number): number {
  let size = 1;
  for (let rest = unsigned; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}
