import type { ReadHead } from './frame-splitter.ts';

/** Api keys of the Kafka protocol that are worth waiting for. Source: Kafka protocol guide, "Api Keys". */
export const KAFKA_API = {
  produce: 0,
  fetch: 1,
  metadata: 3,
  offsetCommit: 8,
  findCoordinator: 10,
  joinGroup: 11,
  heartbeat: 12,
  syncGroup: 14,
  endTxn: 26,
} as const;

/** A request to a broker, or its reply. */
export interface KafkaFrame {
  readonly direction: 'request' | 'reply';
  /** Of a reply, that of its request; -1 where the request was not seen. */
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
}

/** size int32, api key int16, api version int16, correlation id int32. */
const REQUEST_HEAD_BYTES = 12;
/** size int32, correlation id int32. */
const REPLY_HEAD_BYTES = 8;
const SIZE_BYTES = 4;
/** Requests without a reply (acks 0) must not be remembered for ever. */
const MAX_REMEMBERED = 1_000;

/**
 * Reads the heads of both directions of one connection to a broker: a reply has no api key, so that of its request is
 * remembered by the correlation id. Source: Kafka protocol guide, "Request Header v1", "Response Header v0".
 */
export function kafkaHeads(): { readonly request: ReadHead<KafkaFrame>; readonly reply: ReadHead<KafkaFrame> } {
  const asked = new Map<number, { apiKey: number; apiVersion: number }>();
  return {
    request: (bytes) => {
      if (bytes.length < REQUEST_HEAD_BYTES) return null;
      const [apiKey, apiVersion] = [bytes.readInt16BE(4), bytes.readInt16BE(6)];
      const correlationId = bytes.readInt32BE(8);
      asked.set(correlationId, { apiKey, apiVersion });
      const [oldest] = asked.keys();
      if (asked.size > MAX_REMEMBERED && oldest !== undefined) asked.delete(oldest);
      return { frame: { direction: 'request', apiKey, apiVersion, correlationId }, byteCount: sizeOf(bytes) };
    },
    reply: (bytes) => {
      if (bytes.length < REPLY_HEAD_BYTES) return null;
      const correlationId = bytes.readInt32BE(4);
      const { apiKey, apiVersion } = asked.get(correlationId) ?? { apiKey: -1, apiVersion: -1 };
      asked.delete(correlationId);
      return { frame: { direction: 'reply', apiKey, apiVersion, correlationId }, byteCount: sizeOf(bytes) };
    },
  };
}

/** Of the whole frame; the size field does not count itself. */
function sizeOf(bytes: Buffer): number {
  return SIZE_BYTES + Math.max(bytes.readInt32BE(0), 0);
}
