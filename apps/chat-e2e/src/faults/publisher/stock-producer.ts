import type { FaultLink } from '@chat/local-stack';
import { Kafka, logLevel, type ProducerConfig } from 'kafkajs';

/** How long the stock client waits for an answer, in ms: its own half a minute would only make the specs slow. */
const REQUEST_TIMEOUT_MS = 3_000;

/** A record by its partition and its `ce_id`. */
export interface Place {
  readonly partition: number;
  readonly id: string;
}

/** A producer of plain kafkajs, as its manual has it. */
export interface StockProducer {
  /** One `send()` of these records, acknowledged by all in-sync replicas. */
  send(...places: readonly Place[]): Promise<void>;
  close(): Promise<void>;
}

export async function openStockProducer(
  link: FaultLink,
  topic: string,
  config: Pick<ProducerConfig, 'idempotent' | 'retry'> = {},
): Promise<StockProducer> {
  const kafka = new Kafka({
    brokers: link.kafkaBrokers.split(','),
    clientId: 'stock',
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: logLevel.NOTHING,
  });
  const producer = kafka.producer({ allowAutoTopicCreation: false, ...config });
  await producer.connect();
  return {
    send: async (...places) => {
      const messages = places.map(({ partition, id }) => ({ partition, value: id, headers: { ce_id: id } }));
      await producer.send({ topic, acks: -1, messages });
    },
    close: () => producer.disconnect(),
  };
}
