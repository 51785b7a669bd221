import { LogReader, type ConsumerObserver, type Fail, type KafkaClient, type TopicCatalog } from '@chat/kafka';
import type { Logger } from '@chat/service-kit';
import type { FeedSink, RoomFeed } from './room-feed.ts';

export interface FullFanInOptions {
  readonly client: KafkaClient;
  readonly catalog: TopicCatalog;
  /** Offsets of each partition that are read back before anything is live. */
  readonly repeatWindow: number;
  readonly sink: FeedSink;
  readonly observer: ConsumerObserver;
  readonly fail: Fail;
  readonly logger: Logger;
}

const TOPIC = 'chat-messages';

/** The whole log, every partition of it, read by this instance itself: what it costs follows the traffic of all rooms. */
export function createFullFanIn({
  client,
  catalog,
  repeatWindow,
  sink,
  observer,
  fail,
  logger,
}: FullFanInOptions): RoomFeed {
  /** Messages have a reader of their own, so that no storm of other events holds them up. */
  const reader: LogReader = new LogReader({
    client,
    catalog,
    groupId: 'ws-gateway-messages',
    topics: [TOPIC],
    lookBack: {
      records: repeatWindow,
      onBatch: (_, partition, records) =>
        sink.remember(partition, records, reader.beganAt(TOPIC, partition).isLogStart),
    },
    onBatch: (_, partition, records) => sink.consume(partition, records),
    observer,
    fail,
    logger,
  });
  return {
    name: 'feed of all rooms',
    start: () => reader.start(),
    stop: () => reader.stop(),
    position: (partition) => reader.position(TOPIC, partition),
    beganAt: (partition) => reader.beganAt(TOPIC, partition).offset,
    endAtStart: (partition) => reader.endAtStart(TOPIC, partition),
  };
}
