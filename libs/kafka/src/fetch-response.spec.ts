import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFetch, type FetchResponse } from './fetch-response.ts';

const require = createRequire(import.meta.url);
const own = (path: string): unknown => require(`kafkajs/src/protocol/${path}`); // internal files without types
const { decode: decodeAsKafkajs } = own('requests/fetch/v11/response.js') as {
  decode(bytes: Buffer): Promise<FetchResponse<readonly unknown[]>>;
};
const Decoder = own('decoder.js') as new (bytes: Buffer) => object;
const decodeMessages = own('requests/fetch/v4/decodeMessages.js') as (decoder: object) => Promise<readonly unknown[]>;
const { RecordBatch } = own('recordBatch/v0/index.js') as {
  RecordBatch(batch: object): Promise<{ readonly buffer: Buffer }>;
};
const encodeRecord = own('recordBatch/record/v0/index.js') as (record: object) => object;
const decodeRecords = (records: Buffer) => decodeMessages(new Decoder(records));

interface Partition {
  readonly partition: number;
  readonly errorCode: number;
  readonly offsets: readonly [bigint, bigint, bigint];
  readonly aborted: ReadonlyArray<readonly [bigint, bigint]>;
  readonly replica: number;
  readonly values: readonly string[];
}

async function recordsOf(values: readonly string[]): Promise<Buffer> {
  if (values.length === 0) return Buffer.alloc(0);
  const records = values.map((value, offsetDelta) => encodeRecord({ value: Buffer.from(value), offsetDelta }));
  return (await RecordBatch({ records, lastOffsetDelta: values.length - 1 })).buffer;
}

class Writer {
  readonly #parts: Buffer[] = [];

  write(size: number, fill: (part: Buffer) => void): void {
    const part = Buffer.alloc(size);
    fill(part);
    this.#parts.push(part);
  }
  int16 = (value: number) => this.write(2, (part) => part.writeInt16BE(value));
  int32 = (value: number) => this.write(4, (part) => part.writeInt32BE(value));
  int64 = (value: bigint) => this.write(8, (part) => part.writeBigInt64BE(value));
  bytes = (bytes: Buffer) => this.#parts.push(bytes);
  string = (text: string) => {
    this.int16(Buffer.byteLength(text));
    this.bytes(Buffer.from(text));
  };

  get whole(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

async function answerOf(topics: ReadonlyArray<readonly [string, readonly Partition[]]>): Promise<Buffer> {
  const writer = new Writer();
  writer.int32(12);
  writer.int16(0);
  writer.int32(7);
  writer.int32(topics.length);
  for (const [topic, partitions] of topics) {
    writer.string(topic);
    writer.int32(partitions.length);
    for (const { partition, errorCode, offsets, aborted, replica, values } of partitions) {
      writer.int32(partition);
      writer.int16(errorCode);
      offsets.forEach(writer.int64);
      writer.int32(aborted.length);
      aborted.flat().forEach(writer.int64);
      writer.int32(replica);
      const records = await recordsOf(values);
      writer.int32(records.length);
      writer.bytes(records);
    }
  }
  return writer.whole;
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const partition: fc.Arbitrary<Partition> = fc.record({
  partition: fc.integer({ min: 0, max: 1_000 }),
  errorCode: fc.constantFrom(0, 0, 0, 1, 6),
  offsets: fc.tuple(int64, fc.bigInt({ min: 0n, max: 2n ** 53n }), int64),
  aborted: fc.array(fc.tuple(int64, int64), { maxLength: 3 }),
  replica: fc.constantFrom(-1, 3),
  values: fc.array(fc.string(), { maxLength: 4 }),
});
const topics = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.array(partition, { maxLength: 6 })), {
  maxLength: 3,
});

describe('decoding what was fetched', () => {
  it('gives what kafkajs gives, but for partitions that have nothing and no error', async () => {
    await fc.assert(
      fc.asyncProperty(topics, async (told) => {
        const bytes = await answerOf(told);
        const theirs = await decodeAsKafkajs(bytes);
        const responses = theirs.responses.map(({ topicName, partitions }) => ({
          topicName,
          partitions: partitions.filter(({ errorCode, messages }) => errorCode !== 0 || messages.length > 0),
        }));
        expect(await decodeFetch(bytes, decodeRecords)).toEqual({ ...theirs, responses });
      }),
      { numRuns: 500 },
    );
  });

  it('does not run over the end of an answer that is cut short', async () => {
    const part = { partition: 0, errorCode: 0, aborted: [[1n, 2n] as const], replica: -1, values: [] };
    const whole = await answerOf([['topic', [{ ...part, offsets: [1n, 2n, 3n] }]]]);
    for (let length = 0; length < whole.length; length += 1) {
      await expect(decodeFetch(whole.subarray(0, length), decodeRecords)).rejects.toThrow(RangeError);
    }
  });
});
