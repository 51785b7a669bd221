import type { HeaderValue, RawRecord } from '@chat/kafka-contracts';
import type { KafkaMessage } from 'kafkajs';

/** A record as it lies in the log. Key, value and headers are the fetch's own bytes: read them, keep copies. */
export interface LogRecord extends RawRecord {
  readonly offset: number;
  /** Unix ms; the producer's, or the broker's where the topic says so. */
  readonly timestamp: number;
}

/** A record as kafkajs hands it over; its offset and timestamp, texts there, as numbers. The bytes are not copied. */
export function toLogRecord(message: KafkaMessage): LogRecord {
  return new HandedRecord(message);
}

/** Asks for the headers only when asked, for so long they are not decoded. */
class HandedRecord implements LogRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly offset: number;
  readonly timestamp: number;
  readonly #message: KafkaMessage;

  constructor(message: KafkaMessage) {
    this.key = message.key;
    this.value = message.value;
    this.offset = Number(message.offset);
    this.timestamp = Number(message.timestamp);
    this.#message = message;
  }

  get headers(): Record<string, HeaderValue> | undefined {
    return this.#message.headers as Record<string, HeaderValue> | undefined; // IHeaders: an interface lacks only the readonly
  }
}
