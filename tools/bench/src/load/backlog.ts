import type { KafkaUnderTest } from '@chat/testing';

/** Records of one request. */
const REQUEST_RECORDS = 1_000;

export interface BacklogRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
}

/**
 * A topic that gets whole lots of records at once: each is a transaction of a stock producer, so that a reader finds a
 * backlog however slowly it was written, in the order in which it was.
 */
export interface Backlog {
  /** Resolves once all of them stand in the log, to what lets readers see them. */
  write(records: readonly BacklogRecord[]): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function openBacklog({ kafka }: KafkaUnderTest, topic: string): Promise<Backlog> {
  const producer = kafka.producer({
    transactionalId: `${topic}-backlog`,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  return {
    write: async (records) => {
      const transaction = await producer.transaction();
      for (let from = 0; from < records.length; from += REQUEST_RECORDS) {
        await transaction.send({ topic, messages: records.slice(from, from + REQUEST_RECORDS) });
      }
      return () => transaction.commit();
    },
    close: () => producer.disconnect(),
  };
}
