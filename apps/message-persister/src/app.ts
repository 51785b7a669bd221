import { openDatabase } from '@chat/database';
import { DeadLetters, GroupConsumer, KafkaClient, OrderedPublisher, TopicCatalog } from '@chat/kafka';
import type { AppContext, Service, Stage } from '@chat/service-kit';
import { ChatMessagesConsumer, CONSUMER_GROUP } from './chat-messages-consumer.ts';
import { CommandsConsumer, COMMANDS_GROUP } from './commands-consumer.ts';
import type { MessagePersisterConfig } from './config.ts';
import { RECEIPTS_FETCH_MIN_BYTES } from './limits.ts';
import { createPersisterMetrics } from './metrics.ts';
import { OpenLog } from './open-log.ts';
import { ProgressPublisher } from './progress-publisher.ts';
import { ReceiptsConsumer, RECEIPTS_GROUP } from './receipts-consumer.ts';
import { RowRetention } from './row-retention.ts';

const DAY_MS = 86_400_000;

/** Wires message-persister: its services in the order of their start. */
export function createApp(config: MessagePersisterConfig, context: AppContext): readonly Stage[] {
  const { logger, clock, health, instanceId, tracing, fail } = context;
  const metrics = createPersisterMetrics(context.metrics);

  const client = new KafkaClient({ ...config, clientId: instanceId, logger });
  const catalog = new TopicCatalog({ ...config, client, logger });
  const publisher = new OrderedPublisher({ client, catalog, logger, observer: metrics.publishing });
  const database = openDatabase({ ...config, applicationName: instanceId, logger });

  const { persistedMessages: messages, logEpochs: epochs } = database.repositories;
  const log = new OpenLog({ epochs, topic: () => catalog.describe('chat-messages'), fail, logger });
  const deadLettersOf = (topic: 'chat-messages' | 'message-receipts' | 'command-messages') =>
    new DeadLetters({ topic, publisher, onSetAside: () => metrics.deadLetters.inc({ topic }), logger });
  const receipts = new ReceiptsConsumer({
    marks: database.repositories.receiptMarks,
    positions: database.repositories.resume,
    log,
    deadLetters: deadLettersOf('message-receipts'),
    metrics,
  });
  const progress = new ProgressPublisher({ publisher, clock, source: instanceId });
  const consumer = new ChatMessagesConsumer({
    ...{ messages, log, progress, clock, metrics, tracing, logger },
    deadLetters: deadLettersOf('chat-messages'),
  });
  const group = new GroupConsumer({
    client,
    groupId: CONSUMER_GROUP,
    topic: 'chat-messages',
    onBatch: (batch) => consumer.processBatch(batch),
    startAt: (partition, range) => consumer.startAt(partition, range),
    onPlaced: (partition, next) => consumer.placed(partition, next),
    observer: metrics.consuming,
    fail,
    logger,
  });

  const receiptsGroup = new GroupConsumer({
    client,
    groupId: RECEIPTS_GROUP,
    topic: 'message-receipts',
    fetchMinBytes: RECEIPTS_FETCH_MIN_BYTES,
    onBatch: (batch) => receipts.processBatch(batch),
    observer: metrics.consuming,
    fail,
    logger,
  });

  const commands = new CommandsConsumer({
    ...{ clock, logger },
    kept: database.repositories.keptCommands,
    revocations: database.repositories.revocations,
    deadLetters: deadLettersOf('command-messages'),
  });
  const commandsGroup = new GroupConsumer({
    client,
    groupId: COMMANDS_GROUP,
    topic: 'command-messages',
    onBatch: (batch) => commands.processBatch(batch),
    observer: metrics.consuming,
    fail,
    logger,
  });

  const retention = new RowRetention({
    ...{ metrics, clock, logger },
    rows: database.repositories.retention,
    maxAgeMs: config.messageRetentionDays === 0 ? null : config.messageRetentionDays * DAY_MS,
    recordLifeMs: () => catalog.readRecordLifeMs('chat-messages'),
  });

  health.add(catalog.check(), database.check(), log.check());
  return [
    context.internalListener(config.internalPort),
    [catalog, database],
    publisher,
    log,
    [onlyIfUsable(log, group), onlyIfUsable(log, receiptsGroup), commands, commandsGroup, retention],
  ];
}

/** The consumer, which stays away from a log that is not the one the rows belong to. */
function onlyIfUsable(log: OpenLog, consumer: Service): Service {
  return {
    name: consumer.name,
    start: () => (log.isUsable ? consumer.start() : Promise.resolve()),
    stop: () => (log.isUsable ? consumer.stop() : Promise.resolve()),
  };
}
