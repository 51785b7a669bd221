/**
 * A fetch of version 11 (Kafka protocol, "Fetch Request"), in one pass into one buffer:
 *
 *     Fetch => replica_id:INT32 max_wait_ms:INT32 min_bytes:INT32 max_bytes:INT32 isolation_level:INT8
 *              session_id:INT32 session_epoch:INT32 [topics] [forgotten_topics] rack_id:STRING
 *       topics => topic:STRING [partitions]
 *         partitions => partition:INT32 current_leader_epoch:INT32 fetch_offset:INT64 log_start_offset:INT64
 *                       partition_max_bytes:INT32
 *
 * It gives the bytes that kafkajs's own encoder gives, which makes a buffer of 512 bytes for every partition.
 */
import type { Encoded } from './record-encoder.ts';

interface PartitionFetch {
  readonly partition: number;
  /** As text, of 64 bits. */
  readonly fetchOffset: string;
  readonly maxBytes: number;
}

/** What kafkajs asks for. */
export interface FetchFields {
  readonly replicaId: number;
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly topics: ReadonlyArray<{ readonly topic: string; readonly partitions: readonly PartitionFetch[] }>;
  readonly rackId?: string;
  readonly isolationLevel?: number;
}

/** What kafkajs sends. */
export interface FetchRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  readonly encode: () => Promise<Encoded>;
}

const READ_COMMITTED = 1;
/** Neither a session nor its epoch: every fetch names all it wants. */
const NO_SESSION = [0, -1] as const;
/** "Not known", of leader epoch and log start. */
const UNKNOWN = -1;
const HEAD_BYTES = 4 * 4 + 1 + 2 * 4 + 4;
const TOPIC_BYTES = 2 + 4;
const PARTITION_BYTES = 4 + 4 + 8 + 8 + 4;
const TAIL_BYTES = 4 + 2;

export function fetchRequest(fields: FetchFields): FetchRequest {
  return { apiKey: 1, apiVersion: 11, apiName: 'Fetch', encode: () => Promise.resolve(encode(fields)) };
}

function encode({
  replicaId,
  maxWaitTime,
  minBytes,
  maxBytes,
  topics,
  rackId = '',
  isolationLevel = READ_COMMITTED,
}: FetchFields): Encoded {
  const buffer = Buffer.allocUnsafe(sizeOf(topics, rackId));
  let at = 0;
  for (const number of [replicaId, maxWaitTime, minBytes, maxBytes]) at = buffer.writeInt32BE(number, at);
  at = buffer.writeInt8(isolationLevel, at);
  for (const number of [...NO_SESSION, topics.length]) at = buffer.writeInt32BE(number, at);
  for (const { topic, partitions } of topics) {
    at = writeString(buffer, topic, at);
    at = buffer.writeInt32BE(partitions.length, at);
    for (const partition of partitions) at = writePartition(buffer, partition, at);
  }
  at = buffer.writeInt32BE(0, at); // forgotten topics
  writeString(buffer, rackId, at);
  return { buf: buffer, buffer };
}

function sizeOf(topics: FetchFields['topics'], rackId: string): number {
  let bytes = HEAD_BYTES + TAIL_BYTES + Buffer.byteLength(rackId);
  for (const { topic, partitions } of topics) {
    bytes += TOPIC_BYTES + Buffer.byteLength(topic) + partitions.length * PARTITION_BYTES;
  }
  return bytes;
}

function writePartition(buffer: Buffer, { partition, fetchOffset, maxBytes }: PartitionFetch, from: number): number {
  let at = buffer.writeInt32BE(partition, from);
  at = buffer.writeInt32BE(UNKNOWN, at);
  at = writeInt64(buffer, Number(fetchOffset), at);
  at = writeInt64(buffer, UNKNOWN, at);
  return buffer.writeInt32BE(maxBytes, at);
}

/** Exact as far as a double is. */
function writeInt64(buffer: Buffer, value: number, from: number): number {
  const at = buffer.writeInt32BE(Math.floor(value / 2 ** 32), from);
  return buffer.writeInt32BE(value | 0, at);
}

function writeString(buffer: Buffer, text: string, from: number): number {
  const at = buffer.writeInt16BE(Buffer.byteLength(text), from);
  return at + buffer.write(text, at);
}
