import { headerBytes, type HeaderValue, type RawRecord } from '@chat/kafka-contracts';
import type { KafkaMessage } from 'kafkajs';
import { DecodedRecord } from './record-decoder.ts';

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

type Headers = Readonly<Record<string, HeaderValue>> | undefined;

/** Asks for the headers only when asked, for so long they are not decoded. */
class HandedRecord implements LogRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly offset: number;
  readonly timestamp: number;
  readonly #message: KafkaMessage | DecodedRecord;

  constructor(message: KafkaMessage | DecodedRecord) {
    const { offset, timestamp } = message instanceof DecodedRecord ? message.place : message;
    this.key = message.key;
    this.value = message.value;
    this.offset = Number(offset);
    this.timestamp = Number(timestamp);
    this.#message = message;
  }

  get headers(): Headers {
    return this.#message.headers as Headers; // IHeaders: an interface lacks only the readonly
  }

  findHeader(name: string): Uint8Array | null {
    const message = this.#message;
    return message instanceof DecodedRecord ? message.findHeader(name) : headerBytes({ headers: this.headers }, name);
  }
}
