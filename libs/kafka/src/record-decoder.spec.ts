import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, type BatchContext } from './record-decoder.ts';

const require = createRequire(import.meta.url);
const own = (path: string): unknown => require(`kafkajs/src/protocol/${path}`); // internal files without types
const Decoder = own('decoder.js') as new (buffer: Buffer) => { buffer: Buffer; offset: number };
const Encoder = own('encoder.js') as new () => {
  readonly buffer: Buffer;
  writeInt8(value: number): unknown;
  writeVarInt(value: number): unknown;
  writeVarLong(value: bigint): unknown;
  writeBuffer(bytes: Buffer): unknown;
};
const decodeAsKafkajs = own('recordBatch/record/v0/decoder.js') as typeof decodeRecord;

interface RecordFields {
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: ReadonlyArray<readonly [name: string, value: Uint8Array | null]>;
}

function encode({ timestampDelta, offsetDelta, key, value, headers }: RecordFields): Buffer {
  const encoder = new Encoder();
  const write = (bytes: Uint8Array | null) => {
    encoder.writeVarInt(bytes === null ? -1 : bytes.length);
    if (bytes !== null) encoder.writeBuffer(Buffer.from(bytes));
  };
  encoder.writeInt8(0);
  encoder.writeVarLong(BigInt(timestampDelta));
  encoder.writeVarInt(offsetDelta);
  write(key);
  write(value);
  encoder.writeVarInt(headers.length);
  for (const [name, bytes] of headers) {
    write(Buffer.from(name));
    write(bytes);
  }
  return encoder.buffer;
}

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }));
const fields = fc.record({
  timestampDelta: fc.integer({ min: -(2 ** 42), max: 2 ** 42 }),
  offsetDelta: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  key: bytes,
  value: bytes,
  headers: fc.array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom('a', 'ce_id', 'ce_ie', 'ce_type', 'ce_time', 'sender-id', 'sender_id', 'content-type', 'ключ'),
        fc.string(),
      ),
      bytes,
    ),
  ),
});
const context = fc.record({
  firstOffset: fc.integer({ min: 0, max: 2 ** 50 }).map(String),
  firstTimestamp: fc.integer({ min: -1, max: 2 ** 43 }).map(String),
  maxTimestamp: fc.constantFrom('0', '1795552852997'),
  magicByte: fc.constant(2),
  isControlBatch: fc.boolean(),
  timestampType: fc.constantFrom(0, 1),
});

const batch = { firstOffset: '0', firstTimestamp: '0', maxTimestamp: '0', magicByte: 2 };

describe('decoding a record', () => {
  it('gives what kafkajs gives', () => {
    fc.assert(
      fc.property(fields, context, (record, around: BatchContext) => {
        const encoded = encode({ ...record, headers: record.headers.filter(([name]) => !(name in {})) });
        const decoded = decodeRecord(new Decoder(encoded), around);
        const { headers, offset, timestamp } = decoded;
        expect({ ...decoded, headers, offset, timestamp }).toEqual(decodeAsKafkajs(new Decoder(encoded), around));
        expect(decoded.headers).toEqual(headers);
        expect(decoded.place).toEqual({ offset: Number(offset), timestamp: Number(timestamp) });
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds the first value of a header without the others', () => {
    fc.assert(
      fc.property(fields, fc.constantFrom('a', 'ce_id', 'ключ', ''), (record, name) => {
        const decoded = decodeRecord(new Decoder(encode(record)), batch);
        const first = record.headers.find(([each]) => each === name)?.[1] ?? null;
        expect(decoded.findHeader(name)).toEqual(first && Buffer.from(first));
      }),
    );
  });

  it('gives headers whose names all objects have, too', () => {
    const headers = ['toString', '__proto__'].map((name) => [name, Buffer.from('x')] as const);
    const encoded = encode({ timestampDelta: 0, offsetDelta: 0, key: null, value: null, headers });
    const decoded = decodeRecord(new Decoder(encoded), batch);
    expect(Object.entries(decoded.headers)).toEqual(headers);
  });

  it('does not run over the end of a record that is cut short', () => {
    const headers = [
      ['ce_id', Buffer.from('1')] as const,
      ['ключ', null] as const,
      ['a', Buffer.from('last')] as const,
    ];
    const whole = encode({ timestampDelta: 1, offsetDelta: 1, key: null, value: Buffer.from('x'), headers });
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => decodeRecord(new Decoder(whole.subarray(0, length)), batch)).toThrow(RangeError);
    }
  });
});
