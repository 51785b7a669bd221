import type { Producer } from 'kafkajs';
import { PRODUCE_ACK_TIMEOUT_MS, type KafkaClient } from './client.ts';
import type { OutgoingRecord } from './outgoing-record.ts';

/** What the publisher needs of a producer; replaced in tests. */
export interface RecordTransport {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Appends the records in one request to one partition of a topic (by its name on the cluster); answers the offset of the first. */
  append(topic: string, partition: number, records: readonly OutgoingRecord[]): Promise<number>;
}

/** A kafkajs producer: acks by all in-sync replicas, one attempt a call. */
export function createRecordTransport(client: KafkaClient): RecordTransport {
  const producer = client.createProducer();
  return {
    connect: () => producer.connect(),
    disconnect: () => producer.disconnect(),
    append: (topic, partition, records) => append(producer, topic, partition, records),
  };
}

async function append(
  producer: Producer,
  topic: string,
  partition: number,
  records: readonly OutgoingRecord[],
): Promise<number> {
  const messages = records.map((record) => toMessage(record, partition));
  const [answer] = await producer.send({ topic, acks: -1, timeout: PRODUCE_ACK_TIMEOUT_MS, messages });
  if (answer?.baseOffset === undefined) throw new Error('the broker acknowledged without an offset');
  return Number(answer.baseOffset);
}

function toMessage({ key, value, headers }: OutgoingRecord, partition: number) {
  return {
    key: typeof key === 'string' ? key : bufferOf(key),
    value: bufferOf(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, headerOf(header)])),
    partition,
  };
}

function headerOf(header: OutgoingRecord['headers'][string]) {
  if (header === undefined || typeof header === 'string') return header;
  if (header instanceof Uint8Array) return bufferOf(header) ?? undefined;
  return header.map((one) => (typeof one === 'string' ? one : Buffer.from(one.buffer, one.byteOffset, one.byteLength)));
}

/** The same bytes as a Buffer, not a copy; kafkajs writes anything else as text. */
function bufferOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
