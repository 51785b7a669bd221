import { openDatabase } from '@chat/database';
import { DeadLetters, GroupConsumer, KafkaClient, OrderedPublisher, TopicCatalog } from '@chat/kafka';
import { PresenceStore, RedisClient } from '@chat/redis';
import type { AppContext, Stage } from '@chat/service-kit';
import type { PresenceWorkerConfig } from './config.ts';
import { DeadlineSweeper } from './deadline-sweeper.ts';
import { LastSeenWriter } from './last-seen-writer.ts';
import { createPresenceMetrics } from './metrics.ts';
import { OwnedShards } from './owned-shards.ts';
import { PresencePublisher } from './presence-publisher.ts';
import { PresenceSteps } from './presence-steps.ts';
import { RoomEventsConsumer } from './room-events-consumer.ts';
import { SessionEventsConsumer } from './session-events-consumer.ts';

/** Wires presence-worker: its services in the order of their start. */
export function createApp(config: PresenceWorkerConfig, context: AppContext): readonly Stage[] {
  const { logger, clock, health, instanceId, fail } = context;
  const metrics = createPresenceMetrics(context.metrics);

  const client = new KafkaClient({ ...config, clientId: instanceId, logger });
  const catalog = new TopicCatalog({ ...config, client, logger });
  const publisher = new OrderedPublisher({ client, catalog, logger, observer: metrics.publishing });
  const redis = new RedisClient({ ...config, clientName: instanceId, logger });
  const database = openDatabase({ ...config, applicationName: instanceId, logger });

  const store = new PresenceStore({ redis });
  const shards = new OwnedShards({ store, logger });
  const steps = new PresenceSteps({ store, shards, graceMs: config.presenceGraceMs, metrics });
  const presencePublisher = new PresencePublisher({ store, publisher, source: instanceId });
  const lastSeenWriter = new LastSeenWriter({ store, lastSeen: database.repositories.lastSeen, logger });
  const shared = { shards, store, steps, presencePublisher, lastSeenWriter, metrics, logger };
  const sweeper = new DeadlineSweeper({ ...shared, clock });
  const deadLettersOf = (topic: 'session-events' | 'room-events') =>
    new DeadLetters({ topic, publisher, onSetAside: () => metrics.deadLetters.inc({ topic }), logger });
  const sessionEvents = new SessionEventsConsumer({ ...shared, deadLetters: deadLettersOf('session-events') });
  const shardCount = () => catalog.partitionCount('session-events');
  const roomEvents = new RoomEventsConsumer({ store, deadLetters: deadLettersOf('room-events'), shardCount, metrics });

  const sessionEventsGroup = new GroupConsumer({
    client,
    groupId: 'presence-worker',
    topic: 'session-events',
    onBatch: (batch) => sessionEvents.processBatch(batch),
    onAssigned: (partitions) => shards.claim(partitions),
    onRevoked: (partitions) => shards.release(partitions),
    observer: metrics.consuming,
    fail,
    logger,
  });
  const roomEventsGroup = new GroupConsumer({
    client,
    groupId: 'presence-worker-rooms',
    topic: 'room-events',
    onBatch: (batch) => roomEvents.processBatch(batch),
    observer: metrics.consuming,
    fail,
    logger,
  });

  health.add(catalog.check(), redis.check(), database.check());
  return [
    context.internalListener(config.internalPort),
    [catalog, redis, database],
    publisher,
    lastSeenWriter,
    sweeper,
    [sessionEventsGroup, roomEventsGroup],
  ];
}
