import { createRequire } from 'node:module';
import { fetchRequest } from './fetch-request.ts';
import { decodeFetch, type DecodeRecords } from './fetch-response.ts';
import { parseWithAnswer, type ProduceAnswer } from './kafkajs-cluster.ts';
import { decodeRecord } from './record-decoder.ts';
import { encodeRecordOfBatch } from './record-encoder.ts';

interface RequestQueueClass {
  readonly prototype: { readonly pending: readonly unknown[]; scheduleCheckPendingRequests(): void };
}
interface ConsumerGroupClass {
  readonly prototype: { recoverFromOffsetOutOfRange(error: TopicPartition): Promise<void> };
}
interface ProduceResponse {
  readonly decode: unknown;
  parse(this: void, answer: ProduceAnswer): Promise<ProduceAnswer>;
}
interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

const require = createRequire(import.meta.url);
let guarded = false;

/**
 * Corrections of kafkajs 2.2.4, in internal files without types; once in a process. A consumer asks the leaders alone
 * (no rack is set), so that an offset out of range is never a follower's that lags.
 */
export function guardKafkajs(): void {
  if (guarded) return;
  guarded = true;
  guardIdleTimer();
  refuseOffsetsOutOfRange();
  replaceCodecs();
}

/**
 * A 1 ms timer is re-armed for ever on each connection, whether or not a request waits to be sent
 * (`RequestQueue.scheduleCheckPendingRequests`; on Node 24 with a warning for its negative delay). With nothing pending
 * there is nothing to check: the next `push` schedules for itself.
 */
function guardIdleTimer(): void {
  const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as RequestQueueClass; // an internal file without types
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueueClass['prototype']) {
    if (this.pending.length > 0) schedule.call(this);
  };
}

/**
 * A consumer whose offset the log does not have goes silently to the start or the end of it. Here it crashes, for good: the
 * log is another one, or records are gone (DESIGN §5.2).
 */
function refuseOffsetsOutOfRange(): void {
  const { prototype } = require('kafkajs/src/consumer/consumerGroup.js') as ConsumerGroupClass; // an internal file without types
  prototype.recoverFromOffsetOutOfRange = ({ topic, partition }) =>
    Promise.reject(new OffsetOutOfRangeError(topic, partition));
}

/**
 * What travels for every message is encoded and decoded by this library, for a part of the CPU. kafkajs loads its own files
 * for it with the first produce and the first fetch, so not before this.
 */
function replaceCodecs(): void {
  replace('protocol/recordBatch/record/v0/decoder.js', () => decodeRecord);
  replace('protocol/recordBatch/record/v0/index.js', () => encodeRecordOfBatch);
  replace('protocol/requests/produce/v3/response.js', (own) => {
    const { parse, ...others } = own as ProduceResponse;
    return { ...others, parse: (answer: ProduceAnswer) => parseWithAnswer(parse, answer) };
  });
  replace('protocol/requests/fetch/v11/request.js', () => fetchRequest);
  replace('protocol/requests/fetch/v11/response.js', (own) => {
    const decodeRecords = recordsDecoder();
    return { ...(own as object), decode: (bytes: Buffer) => decodeFetch(bytes, decodeRecords) };
  });
}

function replace(file: string, make: (own: unknown) => unknown): void {
  const path = require.resolve(`kafkajs/src/${file}`);
  const own: unknown = require(path);
  const loaded = require.cache[path];
  if (loaded === undefined) throw new Error(`${file} of kafkajs is not where it was`);
  loaded.exports = make(own);
}

/** kafkajs's own reader of the batches around the records. */
function recordsDecoder(): DecodeRecords<readonly unknown[]> {
  const Decoder = require('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => object; // internal files without types
  const decode = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js') as (
    decoder: object,
  ) => Promise<readonly unknown[]>;
  return (records) => decode(new Decoder(records));
}
/** A broker said that it has no such offset. */
export class OffsetOutOfRangeError extends Error {
  override readonly name = 'OffsetOutOfRangeError';
  /** Read by kafkajs: the consumer is not started anew. */
  readonly retriable = false;
  readonly topic: string;
  readonly partition: number;

  constructor(topic: string, partition: number) {
    super(`the log of ${topic}/${partition} does not have the offset that was asked for`);
    this.topic = topic;
    this.partition = partition;
  }
}
