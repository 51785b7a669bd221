import { LogReader, type Fail, type KafkaClient, type TopicCatalog } from '@chat/kafka';
import type { RoomId } from '@chat/dto';
import { partitionOf } from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import type { GatewayMetrics } from '../metrics.ts';
import type { FeedSink, RoomFeed } from './room-feed.ts';

export interface FullFanInOptions {
  readonly client: KafkaClient;
  readonly catalog: TopicCatalog;
  /** Offsets of each partition that are read back before anything is live. */
  readonly repeatWindow: number;
  readonly sink: FeedSink;
  readonly metrics: Pick<GatewayMetrics, 'feedRecords' | 'consuming'>;
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
  metrics,
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
    onBatch: (_, partition, records) => {
      metrics.feedRecords.inc({ step: 'read' }, records.length);
      return sink.consume(partition, records);
    },
    observer: metrics.consuming,
    fail,
    logger,
  });
  const partitionOfRoom = (roomId: RoomId) => partitionOf(String(roomId), catalog.partitionCount(TOPIC));
  return {
    name: 'feed of all rooms',
    checks: [],
    start: () => reader.start(),
    stop: () => reader.stop(),
    hold: () => {},
    release: () => {},
    coveredFrom: (roomId) => reader.beganAt(TOPIC, partitionOfRoom(roomId)).offset,
    coveredSince: () => 0,
    whenCovered: () => null,
    remembersAll: () => true,
    endAtStart: (partition) => reader.endAtStart(TOPIC, partition),
  };
}
