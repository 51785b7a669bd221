import { Counter, Gauge, Histogram, startAtZero, type Registry } from '@chat/service-kit';
import type { AttemptEnd } from './attempt.ts';
import type { ConsumerObserver } from './consumer-observer.ts';
import type { PublisherObserver } from './ordered-publisher.ts';

/** From an append on an idle machine to the deadline of an attempt, in seconds. */
const APPEND_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCH_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const ATTEMPT_ENDS: readonly AttemptEnd[] = ['acknowledged', 'failed'];

/** What an app publishes, as metrics: observe one publisher with it. */
export function createPublisherMetrics(registry: Registry): Required<PublisherObserver> {
  const registers = [registry];
  const appendSeconds = new Histogram({
    name: 'chat_kafka_append_seconds',
    help: 'Time of one attempt to append a batch, or to commit a transaction, by outcome: acknowledged, failed',
    labelNames: ['outcome'],
    buckets: APPEND_BUCKETS,
    registers,
  });
  const records = startAtZero(
    new Counter({
      name: 'chat_kafka_append_records_total',
      help: 'Records in these attempts, by outcome; one that is attempted again counts again',
      labelNames: ['outcome'],
      registers,
    }),
    'outcome',
    ATTEMPT_ENDS,
  );
  const bytes = new Counter({
    name: 'chat_kafka_append_bytes_total',
    help: 'Bytes of the records that were acknowledged, estimated before compression',
    registers,
  });
  let queuedCount = () => 0;
  new Gauge({
    name: 'chat_kafka_queued_records',
    help: 'Records that wait for an append before theirs, over all partitions',
    registers,
    collect() {
      this.set(queuedCount());
    },
  });
  return {
    attempt(outcome, recordCount, byteCount, durationMs) {
      appendSeconds.observe({ outcome }, durationMs / 1_000);
      records.inc({ outcome }, recordCount);
      if (outcome === 'acknowledged') bytes.inc(byteCount);
    },
    watchQueues(count) {
      queuedCount = count;
    },
  };
}

/** What an app consumes, as metrics: observe all its consumers with it, each of another topic. */
export function createConsumerMetrics(registry: Registry): Required<ConsumerObserver> {
  const [registers, labelNames] = [[registry], ['topic'] as const];
  const records = new Counter({
    name: 'chat_kafka_consumed_records_total',
    help: 'Records that were processed, by topic',
    labelNames,
    registers,
  });
  const batchSeconds = new Histogram({
    name: 'chat_kafka_consumer_batch_seconds',
    help: 'Time to process one fetched batch, by topic',
    labelNames,
    buckets: BATCH_BUCKETS,
    registers,
  });
  const failedBatches = new Counter({
    name: 'chat_kafka_failed_batches_total',
    help: 'Batches that failed and come again, by topic',
    labelNames,
    registers,
  });
  const lag = new Gauge({
    name: 'chat_kafka_consumer_lag_offsets',
    help: "Offsets of this instance's partitions between what was read and the log's end, by topic; asked of the brokers every 5 s",
    labelNames,
    registers,
  });
  return {
    processed(topic, _partition, recordCount, _lag, durationMs) {
      records.inc({ topic }, recordCount);
      batchSeconds.observe({ topic }, durationMs / 1_000);
    },
    failed: (topic) => failedBatches.inc({ topic }),
    lags(topic, offsets) {
      failedBatches.inc({ topic }, 0); // shows it from the first look on: of a series that begins at 1, no rate sees the first
      lag.set({ topic }, offsets);
    },
  };
}
