import type { Message } from 'kafkajs';
import type { OutgoingRecord } from './outgoing-record.ts';

/** The records as kafkajs takes them, for one partition. */
export function toMessages(records: readonly OutgoingRecord[], partition: number): Message[] {
  return records.map((record) => toMessage(record, partition));
}

function toMessage({ key, value, headers }: OutgoingRecord, partition: number): Message {
  return {
    key: typeof key === 'string' ? key : bufferOf(key),
    value: bufferOf(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, headerOf(header)])),
    partition,
  };
}

function headerOf(header: OutgoingRecord['headers'][string]) {
  if (header === undefined || header === null || typeof header === 'string') return header ?? '';
  if (header instanceof Uint8Array) return bufferOf(header) ?? '';
  return header.map((one) => (typeof one === 'string' ? one : (bufferOf(one) ?? '')));
}

/** The same bytes as a Buffer, not a copy; kafkajs writes anything else as text. */
function bufferOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
