import { PRESENCE_EVENTS } from '@chat/dto';
import { createConsumerMetrics, createPublisherMetrics } from '@chat/kafka';
import { Counter, Gauge, Histogram, startAtZero, type Registry } from '@chat/service-kit';

export type PresenceMetrics = ReturnType<typeof createPresenceMetrics>;

/** Every metric of presence-worker. */
export function createPresenceMetrics(registry: Registry) {
  const registers = [registry];
  return {
    transitions: startAtZero(
      new Counter({
        name: 'chat_presence_transitions_total',
        help: 'Presence transitions announced, by event',
        labelNames: ['event'],
        registers,
      }),
      'event',
      PRESENCE_EVENTS,
    ),
    lapsedSessions: new Counter({
      name: 'chat_presence_lapsed_sessions_total',
      help: 'Sessions lost because the lease of their gateway lapsed',
      registers,
    }),
    deadLetters: startAtZero(
      new Counter({
        name: 'chat_presence_dead_letters_total',
        help: 'Records set aside, by topic',
        labelNames: ['topic'],
        registers,
      }),
      'topic',
      ['session-events', 'room-events'],
    ),
    batchSeconds: new Histogram({
      name: 'chat_presence_batch_seconds',
      help: 'Time to process one batch of session events',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    sweepSeconds: new Histogram({
      name: 'chat_presence_sweep_seconds',
      help: 'Time of one round over the shards of this instance, for what time alone makes due',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    failedSweeps: new Counter({
      name: 'chat_presence_failed_sweeps_total',
      help: 'Rounds that failed and come again',
      registers,
    }),
    shards: new Gauge({ name: 'chat_presence_shards', help: 'Shards owned by this instance', registers }),
    holdingShards: new Gauge({
      name: 'chat_presence_holding_shards',
      help: 'Shards of this instance in which hold-fire goes on',
      registers,
    }),
    publishing: createPublisherMetrics(registry),
    consuming: createConsumerMetrics(registry),
  };
}
