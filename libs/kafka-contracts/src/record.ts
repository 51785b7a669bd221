import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { RECORD_HEADERS } from './headers.ts';
import { TOPICS, type KeyOf, type TopicName, type ValueOf } from './topics.ts';

/** A record as any Kafka client hands it over. Repeated headers come as an array; the first one counts. */
export interface RawRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, HeaderValue>> | undefined;
  /** The first value of one header, null where there is none: of a reader that can tell it without decoding the others. */
  findHeader?(name: string): Uint8Array | null;
}
export type HeaderValue = OneHeader | readonly OneHeader[] | undefined;
/** Kafka allows a header without a value. */
export type OneHeader = Uint8Array | string | null;

/** A record ready to be published. */
export interface EncodedRecord {
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface RecordMetadata {
  /** Unique name of what happened; the message id on `chat-messages`. */
  readonly id: string;
  /** Which instance published it. */
  readonly source: string;
  /** When it happened, ISO-8601. */
  readonly time: string;
  /** Further headers: `traceparent`, `client-message-id`, `sender-id`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Decoded<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string };

const UTF8_ENCODER = new TextEncoder();
/** Of values: a byte order mark before JSON is passed over. */
const UTF8_DECODER = new TextDecoder('utf-8', { fatal: true });
/** Of headers: every character counts, a byte order mark too, for others compare and hash the bytes. */
const EXACT_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Key, JSON value and CloudEvents headers of one record of a topic. Does not validate: the types already did. */
export function encodeRecord<Topic extends TopicName>(
  topic: Topic,
  key: KeyOf<Topic>,
  value: ValueOf<Topic>,
  metadata: RecordMetadata,
): EncodedRecord {
  const keyText = (TOPICS[topic].key as (key: KeyOf<Topic>) => string)(key); // a union of functions: TypeScript cannot pair topic and key
  return {
    key: keyText,
    value: UTF8_ENCODER.encode(JSON.stringify(value)),
    headers: {
      [RECORD_HEADERS.specVersion]: '1.0',
      [RECORD_HEADERS.id]: metadata.id,
      [RECORD_HEADERS.type]: `chat.${topic}`,
      [RECORD_HEADERS.source]: metadata.source,
      [RECORD_HEADERS.time]: metadata.time,
      'content-type': 'application/json',
      ...metadata.headers,
    },
  };
}

/** The value of a record of a topic, or the reason why it is none: no value, not UTF-8, not JSON, not the shape. */
export function decodeRecord<Topic extends TopicName>(topic: Topic, value: Uint8Array | null): Decoded<ValueOf<Topic>> {
  if (value === null) return { ok: false, reason: 'the record has no value' };
  const json = parseJson(value);
  if (!json.ok) return json;
  const schema: z.ZodType = TOPICS[topic].value;
  const result = schema.safeParse(json.value); // no schema of the table looks deeper than a bounded depth
  if (result.success) return { ok: true, value: result.data as ValueOf<Topic> }; // one topic, one schema: TypeScript cannot pair them
  return { ok: false, reason: firstIssue(result.error) };
}

function parseJson(bytes: Uint8Array): Decoded<unknown> {
  try {
    return { ok: true, value: JSON.parse(UTF8_DECODER.decode(bytes)) };
  } catch (error) {
    return { ok: false, reason: error instanceof TypeError ? 'the value is not UTF-8' : 'the value is not JSON' };
  }
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'the value has another shape';
  return `${issue.path.length > 0 ? issue.path.join('.') : 'the value'}: ${issue.message}`;
}

/** The text of a header, or null where the record does not have it or it is not UTF-8. */
export function headerText(record: RawRecord, name: string): string | null {
  const bytes = headerBytes(record, name);
  return bytes !== null && isUtf8(bytes) ? textOf(bytes) : null;
}

/** The value of a header, or null where the record does not have it. */
export function headerBytes(record: Pick<RawRecord, 'headers' | 'findHeader'>, name: string): Uint8Array | null {
  if (record.findHeader !== undefined) return record.findHeader(name);
  const header = record.headers?.[name];
  const first = Array.isArray(header) ? (header as readonly OneHeader[])[0] : (header as OneHeader | undefined); // Array.isArray does not narrow readonly arrays
  if (first === undefined || first === null) return null;
  return typeof first === 'string' ? UTF8_ENCODER.encode(first) : first;
}

/** The text that these bytes are, for they are UTF-8; a byte order mark is part of it. */
export function textOf(bytes: Uint8Array): string {
  return EXACT_DECODER.decode(bytes);
}
