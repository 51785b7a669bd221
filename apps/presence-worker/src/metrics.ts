import { Counter, Gauge, Histogram, type Registry } from '@chat/service-kit';

export type PresenceMetrics = ReturnType<typeof createPresenceMetrics>;

/** Every metric of presence-worker. */
export function createPresenceMetrics(registry: Registry) {
  const registers = [registry];
  return {
    transitions: new Counter({
      name: 'chat_presence_transitions_total',
      help: 'Presence transitions announced, by event',
      labelNames: ['event'],
      registers,
    }),
    lapsedSessions: new Counter({
      name: 'chat_presence_lapsed_sessions_total',
      help: 'Sessions lost because the lease of their gateway lapsed',
      registers,
    }),
    deadLetters: new Counter({
      name: 'chat_presence_dead_letters_total',
      help: 'Records set aside, by topic',
      labelNames: ['topic'],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'chat_presence_batch_seconds',
      help: 'Time to process one batch of session events',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    shards: new Gauge({ name: 'chat_presence_shards', help: 'Shards owned by this instance', registers }),
    holdingShards: new Gauge({
      name: 'chat_presence_holding_shards',
      help: 'Shards of this instance in which hold-fire goes on',
      registers,
    }),
  };
}
