import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord } from './record-decoder.ts';
import { encodeRecordOfBatch } from './record-encoder.ts';

const require = createRequire(import.meta.url);
const own = (path: string): unknown => require(`kafkajs/src/protocol/${path}`); // internal files without types
const Decoder = own('decoder.js') as new (buffer: Buffer) => { buffer: Buffer; offset: number; readVarInt(): number };
const encodeAsKafkajs = own('recordBatch/record/v0/index.js') as typeof encodeRecordOfBatch;

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 200 }));
const field = fc.oneof(bytes, text);
const fields = fc.record({
  offsetDelta: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  timestampDelta: fc.integer({ min: -(2 ** 42), max: 2 ** 42 }),
  key: fc.option(field),
  value: fc.option(field),
  headers: fc.dictionary(text, fc.oneof(field, fc.array(field, { maxLength: 3 })), { maxKeys: 12 }),
});

describe('encoding a record', () => {
  it('gives the bytes that kafkajs gives', () => {
    fc.assert(
      fc.property(fields, (record) => {
        expect(encodeRecordOfBatch(record).buffer).toEqual(encodeAsKafkajs(record).buffer);
      }),
      { numRuns: 2_000 },
    );
  });

  it('writes what is not given as nothing, and a header without a value as that', () => {
    const { buffer } = encodeRecordOfBatch({ headers: { none: undefined, one: 'x' } });
    const decoder = new Decoder(buffer);
    expect(decoder.readVarInt()).toBe(buffer.length - 1);
    const around = { firstOffset: '7', firstTimestamp: '5', maxTimestamp: '', magicByte: 2 };
    const decoded = decodeRecord(decoder, around);
    expect(decoded).toMatchObject({ offset: '7', timestamp: '5', key: null, value: null });
    expect(decoded.headers).toEqual({ none: null, one: Buffer.from('x') });
  });

  it('is one of kafkajs’s encoders to whoever asks', () => {
    const { buf, buffer } = encodeRecordOfBatch({ value: 'x' });
    expect(Buffer.isBuffer(buf)).toBe(true);
    expect(buf).toBe(buffer);
  });
});
