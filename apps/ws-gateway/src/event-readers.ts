import { LogReader, type Fail, type KafkaClient, type TopicCatalog } from '@chat/kafka';
import type { Logger, Service } from '@chat/service-kit';
import { MARKS_FETCH } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { CommandMessagesConsumer } from './outbound/command-messages.ts';
import type { MessageReceiptsConsumer } from './outbound/message-receipts.ts';
import type { PersisterProgressConsumer } from './outbound/persister-progress.ts';
import type { PresenceMessagesConsumer } from './outbound/presence-messages.ts';
import type { RoomEventsConsumer } from './outbound/room-events.ts';

export interface EventReadersOptions {
  readonly client: KafkaClient;
  readonly catalog: TopicCatalog;
  readonly presenceMessages: PresenceMessagesConsumer;
  readonly commandMessages: CommandMessagesConsumer;
  readonly roomEvents: RoomEventsConsumer;
  readonly persisterProgress: PersisterProgressConsumer;
  readonly messageReceipts: MessageReceiptsConsumer;
  readonly metrics: Pick<GatewayMetrics, 'consuming'>;
  readonly fail: Fail;
  readonly logger: Logger;
}

/** What reads every topic but `chat-messages`. Marks have a reader of their own, so that a storm of them holds up nothing else. */
export function createEventReaders(options: EventReadersOptions): readonly Service[] {
  const { client, catalog, presenceMessages, commandMessages, roomEvents, persisterProgress, messageReceipts } =
    options;
  const { metrics, fail, logger } = options;
  const shared = { client, catalog, fail, logger, observer: metrics.consuming };
  const events = new LogReader({
    ...shared,
    groupId: 'ws-gateway-events',
    topics: ['presence-messages', 'command-messages', 'room-events', 'persister-progress'],
    onBatch: (topic, _, records) => {
      if (topic === 'presence-messages') presenceMessages.consume(records);
      else if (topic === 'command-messages') commandMessages.consume(records);
      else if (topic === 'room-events') roomEvents.consume(records);
      else persisterProgress.consume(records);
    },
  });
  const marks = new LogReader({
    ...shared,
    groupId: 'ws-gateway-marks',
    topics: ['message-receipts'],
    fetch: MARKS_FETCH,
    onBatch: (_, __, records) => messageReceipts.consume(records),
  });
  return [events, marks];
}
