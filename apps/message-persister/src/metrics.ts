import { Counter, Histogram, type Registry } from '@chat/service-kit';

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
    rows: new Counter({ name: 'chat_persister_rows_total', help: 'Rows stored', registers }),
    repeats: new Counter({
      name: 'chat_persister_repeats_total',
      help: 'Records that repeat an earlier one',
      registers,
    }),
    marks: new Counter({ name: 'chat_persister_marks_total', help: 'Delivery and read marks stored', registers }),
    deadLetters: new Counter({ name: 'chat_persister_dead_letters_total', help: 'Records set aside', registers }),
    fencedBatches: new Counter({
      name: 'chat_persister_fenced_batches_total',
      help: 'Batches dropped because the stored position was not where they begin',
      registers,
    }),
  };
}
