import { asRoomId, type RoomId } from '@chat/dto';
import { partitionOf } from '@chat/kafka-contracts';
import type { FaultParts } from '@chat/local-stack';
import { eventually, kafkaUnderTest } from '@chat/testing';

const PARTITION_COUNT = 2;
/** Brokers by partition, the leader first. */
const REPLICAS = [
  [1, 2, 3],
  [2, 1, 3],
];
/** For all brokers to be there and to know a topic, in ms. */
const CLUSTER_DEADLINE_MS = 60_000;
/** Of a client that only looks, in ms. */
const REQUEST_TIMEOUT_MS = 5_000;

/** A `chat-messages` of its own whose partition 0 is led by broker 1 and partition 1 by broker 2. */
export interface TwoPartitions {
  /** Its name begins with it. */
  readonly topicPrefix: string;
  readonly topic: string;
  /** The `ce_id` of every record of a partition, in the order of the log. */
  idsIn(partition: number): Promise<readonly string[]>;
  /** Resolves once a broker leads the partition. */
  leaderIs(partition: number, nodeId: number): Promise<void>;
  cleanUp(): Promise<void>;
}

/** Starts the brokers that are down, and creates the topic once all are there. */
export async function openTwoPartitions(parts: FaultParts): Promise<TwoPartitions> {
  await Promise.all(parts.brokers.filter(({ pid }) => pid === null).map((broker) => broker.start()));
  const under = await kafkaUnderTest(parts.direct.kafkaBrokers, REQUEST_TIMEOUT_MS);
  const { admin, topicPrefix } = under;
  const topic = `${topicPrefix}chat-messages`;
  const inTime = { deadlineMs: CLUSTER_DEADLINE_MS, everyMs: 200 };
  const leaderIs = (partition: number, nodeId: number) =>
    eventually(async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const found = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition);
      if (found?.leader !== nodeId) throw new Error(`partition ${partition} is led by ${found?.leader}`);
    }, inTime);
  await eventually(async () => {
    const { brokers } = await admin.describeCluster();
    if (brokers.length !== parts.brokers.length) throw new Error(`only ${brokers.length} brokers are there`);
  }, inTime);
  const replicaAssignment = REPLICAS.map((replicas, partition) => ({ partition, replicas }));
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic, replicaAssignment }] });
  await Promise.all(REPLICAS.map(([leader = 0], partition) => leaderIs(partition, leader)));
  return {
    topicPrefix,
    topic,
    leaderIs,
    idsIn: async (partition) => {
      const log = await under.readLog(topic);
      return log.filter((record) => record.partition === partition).map(({ headers }) => String(headers['ce_id']));
    },
    cleanUp: () => under.cleanUp(),
  };
}

/** A room whose messages go to this partition. */
export function roomIn(partition: number): RoomId {
  for (let id = 1; ; id += 1) if (partitionOf(String(id), PARTITION_COUNT) === partition) return asRoomId(id);
}
