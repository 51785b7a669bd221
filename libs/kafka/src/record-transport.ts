import type { Message, Producer } from 'kafkajs';
import { PRODUCE_ACK_TIMEOUT_MS, type KafkaClient } from './client.ts';
import { toMessages } from './kafkajs-messages.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import { NeverSentError } from './produce-failure.ts';
import type { SocketCount } from './socket-count.ts';

/** What the publisher needs of a producer; replaced in tests. */
export interface RecordTransport {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /**
   * Appends the records in one request to one partition of a topic (by its name on the cluster); answers the offset of the
   * first. Rejects with a NeverSentError where it is certain that nothing left this process.
   */
  append(topic: string, partition: number, records: readonly OutgoingRecord[]): Promise<number>;
}

/** A kafkajs producer: acks by all in-sync replicas, one attempt a call. */
export function createRecordTransport(client: KafkaClient): RecordTransport {
  const { producer, sockets } = client.createProducer();
  return {
    connect: () => producer.connect(),
    disconnect: () => producer.disconnect(),
    append: (topic, partition, records) => send(producer, sockets, topic, toMessages(records, partition)),
  };
}

async function send(producer: Producer, sockets: SocketCount, topic: string, messages: Message[]): Promise<number> {
  const openedBefore = sockets.openedCount;
  const wasConnected = sockets.openCount > 0;
  try {
    const [answer] = await producer.send({ topic, acks: -1, timeout: PRODUCE_ACK_TIMEOUT_MS, messages });
    if (answer?.baseOffset === undefined) throw new Error('the broker acknowledged without an offset');
    return Number(answer.baseOffset);
  } catch (error) {
    if (wasConnected || sockets.openedCount > openedBefore) throw error;
    throw new NeverSentError(error);
  }
}
