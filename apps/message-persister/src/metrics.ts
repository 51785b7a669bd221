import { createConsumerMetrics, createPublisherMetrics } from '@chat/kafka';
import { Counter, Histogram, startAtZero, type Registry } from '@chat/service-kit';

export type PersisterMetrics = ReturnType<typeof createPersisterMetrics>;

/** Every metric of message-persister. */
export function createPersisterMetrics(registry: Registry) {
  const registers = [registry];
  return {
    batchSeconds: new Histogram({
      name: 'chat_persister_batch_seconds',
      help: 'Time to store one fetched batch, dead letters and commit included',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    storeLagSeconds: new Histogram({
      name: 'chat_persister_store_lag_seconds',
      help: 'From when a record of chat-messages was made to its being stored and told of; of each batch, the first record',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
    rows: new Counter({ name: 'chat_persister_rows_total', help: 'Rows stored', registers }),
    repeats: new Counter({
      name: 'chat_persister_repeats_total',
      help: 'Records that repeat an earlier one',
      registers,
    }),
    marks: new Counter({ name: 'chat_persister_marks_total', help: 'Delivery and read marks stored', registers }),
    deadLetters: startAtZero(
      new Counter({
        name: 'chat_persister_dead_letters_total',
        help: 'Records set aside, by topic',
        labelNames: ['topic'],
        registers,
      }),
      'topic',
      ['chat-messages', 'message-receipts', 'command-messages'],
    ),
    removedRows: new Counter({
      name: 'chat_persister_removed_rows_total',
      help: 'Rows of messages removed for their age',
      registers,
    }),
    fencedBatches: new Counter({
      name: 'chat_persister_fenced_batches_total',
      help: 'Batches dropped because the stored position was not where they begin',
      registers,
    }),
    publishing: createPublisherMetrics(registry),
    consuming: createConsumerMetrics(registry),
  };
}
