import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type Admin, type IHeaders, type KafkaMessage } from 'kafkajs';
import { eventually } from './eventually.ts';

/** Longest that `readLog` may take, in ms. */
const READ_DEADLINE_MS = 15_000;

/** A record as a plain client reads it. */
export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
}

/** A corner of a real cluster for one spec file: topics under a random prefix, a plain client, and the way to clean up. */
export interface KafkaUnderTest {
  readonly brokers: readonly string[];
  /** Ends in a dot; nobody else uses it. */
  readonly topicPrefix: string;
  /** A stock kafkajs client, as somebody else's service would use it. */
  readonly kafka: Kafka;
  readonly admin: Admin;
  /** Creates a topic (by its name with the prefix) and waits until it can be written and read. */
  createTopic(topic: string, partitions: number): Promise<void>;
  /** Every record of the topic (by its name with the prefix) up to its end as of now, ordered by partition and offset. */
  readLog(topic: string): Promise<readonly ReadRecord[]>;
  /** Deletes all topics under the prefix and disconnects. */
  cleanUp(): Promise<void>;
}

/**
 * Fails with a sentence where KAFKA_BROKERS is missing; never skips. `requestTimeout` (ms) is how long its client waits for a
 * broker's answer: less than the usual half a minute where a broker may be frozen.
 */
export async function kafkaUnderTest(
  brokersText = process.env['KAFKA_BROKERS'],
  requestTimeout = 30_000,
): Promise<KafkaUnderTest> {
  if (brokersText === undefined || brokersText === '') {
    throw new Error('KAFKA_BROKERS is not set: these specs need a real Kafka (`npm run parts` starts one).');
  }
  const brokers = brokersText.split(',');
  const topicPrefix = `test-${randomUUID().slice(0, 8)}.`;
  const kafka = new Kafka({ brokers, clientId: 'chat-spec', requestTimeout, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  return {
    brokers,
    topicPrefix,
    kafka,
    admin,
    createTopic: (topic, partitions) => createTopic(admin, topic, partitions),
    readLog: (topic) => readLog(kafka, admin, topic),
    cleanUp: () => cleanUp(admin, topicPrefix),
  };
}

/** Brokers know a new topic and its leaders a little later than they say that it was created. */
async function createTopic(admin: Admin, topic: string, partitions: number): Promise<void> {
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: partitions }] });
  await eventually(() => admin.fetchTopicOffsets(topic), { deadlineMs: READ_DEADLINE_MS });
}

async function readLog(kafka: Kafka, admin: Admin, topic: string): Promise<readonly ReadRecord[]> {
  const ends = await admin.fetchTopicOffsets(topic);
  const waiting = new Map(ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, high]));
  const records: ReadRecord[] = [];
  if (waiting.size === 0) return records;
  const done = Promise.withResolvers<void>();
  const consumer = kafka.consumer({ groupId: `read-log-${randomUUID()}`, maxWaitTimeInMs: 100 });
  const timer = setTimeout(() => done.reject(new Error(`${topic} was not read to its end in time`)), READ_DEADLINE_MS);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        for (const message of batch.messages) records.push(toReadRecord(batch.partition, message));
        if (Number(batch.lastOffset()) + 1 >= Number(waiting.get(batch.partition))) waiting.delete(batch.partition);
        if (waiting.size === 0) done.resolve();
        return Promise.resolve();
      },
    });
    await done.promise;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

function toReadRecord(partition: number, { offset, key, value, headers }: KafkaMessage): ReadRecord {
  return { partition, offset: Number(offset), key: key?.toString() ?? null, value, headers: headers ?? {} };
}

async function cleanUp(admin: Admin, topicPrefix: string): Promise<void> {
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(topicPrefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
}
