import { createRequire } from 'node:module';
import { decodeRecord } from './record-decoder.ts';

interface RequestQueueClass {
  readonly prototype: { readonly pending: readonly unknown[]; scheduleCheckPendingRequests(): void };
}
interface ConsumerGroupClass {
  readonly prototype: { recoverFromOffsetOutOfRange(error: TopicPartition): Promise<void> };
}
interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

const require = createRequire(import.meta.url);
let guarded = false;

/**
 * Three corrections of kafkajs 2.2.4, in internal files without types; once in a process. A consumer asks the leaders alone
 * (no rack is set), so that an offset out of range is never a follower's that lags.
 */
export function guardKafkajs(): void {
  if (guarded) return;
  guarded = true;
  guardIdleTimer();
  refuseOffsetsOutOfRange();
  replaceRecordDecoder();
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

/** Records are decoded by `record-decoder.ts`. kafkajs loads its own decoder with the first fetch, so not before this. */
function replaceRecordDecoder(): void {
  const path = require.resolve('kafkajs/src/protocol/recordBatch/record/v0/decoder.js');
  require(path);
  const loaded = require.cache[path];
  if (loaded === undefined) throw new Error('the record decoder of kafkajs is not where it was');
  loaded.exports = decodeRecord;
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
