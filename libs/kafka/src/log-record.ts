import type { HeaderValue, RawRecord } from '@chat/kafka-contracts';
import type { KafkaMessage } from 'kafkajs';

/** A record as it lies in the log. Key, value and headers are the fetch's own bytes: read them, keep copies. */
export interface LogRecord extends RawRecord {
  readonly offset: number;
  /** Unix ms; the producer's, or the broker's where the topic says so. */
  readonly timestamp: number;
}

/** A record as kafkajs hands it over; its offset and timestamp, texts there, as numbers. The bytes are not copied. */
export function toLogRecord({ key, value, headers, offset, timestamp }: KafkaMessage): LogRecord {
  return {
    key,
    value,
    headers: headers as Record<string, HeaderValue> | undefined, // IHeaders: an interface lacks only the readonly
    offset: Number(offset),
    timestamp: Number(timestamp),
  };
}
