import { createConsumerMetrics, createPublisherMetrics } from '@chat/kafka';
import { createUnsharedMetric } from '@chat/redis';
import { Counter, Gauge, Histogram, startAtZero, type Registry } from '@chat/service-kit';

/** How much waits in the outbox, and since when. */
export interface OutboxBacklog {
  readonly count: number;
  /** Age of the oldest entry, in ms; 0 where there is none. */
  readonly oldestMs: number;
}

export type RoomsMetrics = ReturnType<typeof createRoomsMetrics>;

/** Every metric of rooms-api. */
export function createRoomsMetrics(registry: Registry) {
  const registers = [registry];
  let readBacklog: () => Promise<OutboxBacklog | null> = () => Promise.resolve(null);
  let reading: Promise<OutboxBacklog | null> | null = null;
  /** Metrics of one scrape are collected together: they share one look. */
  const lookAtOutbox = () => (reading ??= readBacklog().finally(() => (reading = null)));
  const ofOutbox = (name: string, help: string, valueOf: (backlog: OutboxBacklog) => number) =>
    new Gauge({
      ...{ name, help, registers },
      async collect() {
        const backlog = await lookAtOutbox();
        if (backlog === null) this.remove();
        else this.set(valueOf(backlog));
      },
    });
  ofOutbox(
    'chat_rooms_outbox_entries',
    'Changes of rooms that wait in the outbox for Kafka, of all instances; absent while Postgres does not answer',
    ({ count }) => count,
  );
  ofOutbox(
    'chat_rooms_outbox_oldest_seconds',
    'Age of the oldest of them; 0 where there is none',
    ({ oldestMs }) => oldestMs / 1_000,
  );
  return {
    /** Has the outbox looked at in each scrape; null where nobody knows. */
    watchOutbox(read: () => Promise<OutboxBacklog | null>): void {
      readBacklog = read;
    },
    requestSeconds: new Histogram({
      name: 'chat_rooms_request_seconds',
      help: 'From a request to its answer, by method, route as OpenAPI writes it (none: refused before it had one), and status',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    limited: startAtZero(
      new Counter({
        name: 'chat_rooms_limited_requests_total',
        help: 'Requests refused with RATE_LIMITED, by the limit that they were over: address, user',
        labelNames: ['limit'],
        registers,
      }),
      'limit',
      ['address', 'user'],
    ),
    unshared: createUnsharedMetric(registry, ['limits', 'proofs']),
    publishing: createPublisherMetrics(registry),
    consuming: createConsumerMetrics(registry),
  };
}
