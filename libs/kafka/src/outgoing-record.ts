import { DEAD_LETTER_HEADERS, type HeaderValue, type OneHeader, type RawRecord } from '@chat/kafka-contracts';

/** A record on its way to the log. */
export interface OutgoingRecord {
  readonly key: string | Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, HeaderValue>>;
}

/** What a record and a header cost in a batch besides their bytes, generously, in bytes. */
const RECORD_OVERHEAD_BYTES = 64;
const HEADER_OVERHEAD_BYTES = 12;

/** Upper estimate of a record's size in a batch, in bytes. */
export function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + byteLength(key) + (value?.byteLength ?? 0);
  for (const name of Object.keys(headers)) {
    const header = headers[name];
    const values = isList(header) ? header : [header];
    for (const one of values) bytes += HEADER_OVERHEAD_BYTES + Buffer.byteLength(name) + byteLength(one ?? null);
  }
  return bytes;
}

function isList(header: HeaderValue): header is readonly OneHeader[] {
  return Array.isArray(header);
}

function byteLength(bytes: string | Uint8Array | null): number {
  if (bytes === null) return 0;
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.byteLength;
}

/** Where a record was read. */
export interface RecordSource {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly record: RawRecord;
}

/**
 * The record as its dead letter: key, value and headers as they were (a header without a value becomes an empty one and is
 * named, since kafkajs can write none), and where it came from and why it was set aside in
 * headers of their own. `at` is ISO-8601.
 */
export function deadLetterOf({ topic, partition, offset, record }: RecordSource, reason: string, at: string) {
  const { headers, nullNames } = withoutNulls(record.headers ?? {});
  return {
    key: record.key,
    value: record.value,
    headers: {
      ...headers,
      ...(nullNames.length > 0 && { [DEAD_LETTER_HEADERS.nullHeaders]: nullNames.join(',') }),
      [DEAD_LETTER_HEADERS.topic]: topic,
      [DEAD_LETTER_HEADERS.partition]: String(partition),
      [DEAD_LETTER_HEADERS.offset]: String(offset),
      [DEAD_LETTER_HEADERS.reason]: reason,
      [DEAD_LETTER_HEADERS.at]: at,
    },
  } satisfies OutgoingRecord;
}

function withoutNulls(headers: Readonly<Record<string, HeaderValue>>) {
  const nullNames: string[] = [];
  const written: Record<string, HeaderValue> = {};
  for (const [name, header] of Object.entries(headers)) {
    const values = isList(header) ? header : [header];
    if (values.includes(null)) nullNames.push(name);
    written[name] = isList(header) ? header.map((one) => one ?? '') : (header ?? '');
  }
  return { headers: written, nullNames };
}
