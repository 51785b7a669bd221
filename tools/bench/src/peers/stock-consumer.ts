import { createInterface } from 'node:readline';
import type { KafkaUnderTest } from '@chat/testing';

/** A record as kafkajs gives it. */
interface StockRecord {
  readonly headers?: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
}

export interface StockConsumerOptions {
  readonly kafka: KafkaUnderTest['kafka'];
  readonly topic: string;
  readonly onBatch: (records: readonly StockRecord[]) => void;
  /** A line of standard input. */
  readonly onLine: (line: string) => void;
}

/** Runs a stock consumer over the whole topic. Says "ready" once it has joined; ends with standard input. */
export async function runStockConsumer({ kafka, topic, onBatch, onLine }: StockConsumerOptions): Promise<void> {
  const consumer = kafka.consumer({ groupId: `${topic}-plain` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  consumer.on('consumer.group_join', () => console.log('ready'));
  await consumer.run({
    autoCommit: false,
    eachBatch: ({ batch }) => {
      onBatch(batch.messages);
      return Promise.resolve();
    },
  });
  createInterface({ input: process.stdin })
    .on('line', onLine)
    .on('close', () => process.exit(0));
}
