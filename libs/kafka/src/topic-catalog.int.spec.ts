import { TOPIC_NAMES } from '@chat/kafka-contracts';
import { createLogger } from '@chat/service-kit';
import { eventually, kafkaUnderTest, type KafkaUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaClient } from './client.ts';
import { TopicCatalog, type TopicCatalogOptions } from './topic-catalog.ts';

const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });

describe('the catalog of topics', () => {
  let under: KafkaUnderTest;
  const started: TopicCatalog[] = [];

  beforeAll(async () => {
    under = await kafkaUnderTest();
  });
  afterAll(async () => {
    await Promise.all(started.map((catalog) => catalog.stop()));
    await under.cleanUp();
  });

  function catalogOf(over: Partial<TopicCatalogOptions> & { topicPrefix?: string } = {}): TopicCatalog {
    const topicPrefix = over.topicPrefix ?? under.topicPrefix;
    const client = new KafkaClient({ brokers: under.brokers, clientId: 'spec', topicPrefix, logger });
    const catalog = new TopicCatalog({ client, logger, replicas: 1, topicLayout: '', createTopics: true, ...over });
    started.push(catalog);
    return catalog;
  }

  it('creates every topic and its dead-letter topic once, however many instances start at once', async () => {
    const catalogs = [catalogOf(), catalogOf(), catalogOf()];
    await Promise.all(catalogs.map((catalog) => catalog.start()));
    const topics = (await under.admin.listTopics()).filter((name) => name.startsWith(under.topicPrefix));
    expect(topics.sort()).toEqual(
      TOPIC_NAMES.flatMap((name) => [`${under.topicPrefix}${name}`, `${under.topicPrefix}${name}.dlq`]).sort(),
    );
    for (const catalog of catalogs) expect(catalog.partitionCount('chat-messages')).toBe(12);
  });

  it('leaves existing topics as they are and tells what they are', async () => {
    await catalogOf().start();
    const other = catalogOf({ topicLayout: 'chat-messages:5' });
    await other.start();
    expect(other.partitionCount('chat-messages')).toBe(12);
    await expect(other.check().check()).resolves.toMatchObject({
      'chat-messages': { partitions: 12, replicas: 1, minInsyncReplicas: 1, uncleanLeaderElection: false },
    });
    expect(other.maxMessageBytes('chat-messages')).toBe(1_048_588);
    expect(other.maxMessageBytes('chat-messages.dlq')).toBe(2_097_152);
  });

  it('tells how long a record may live: Kafka removes whole segments', async () => {
    const catalog = catalogOf();
    await catalog.start();
    const day = 86_400_000;
    expect(await catalog.readRecordLifeMs('chat-messages')).toBe((14 + 1) * day);
    expect(await catalog.readRecordLifeMs('room-events'), 'segments as long as the brokers have them').toBe(
      (7 + 7) * day,
    );
    const name = `${under.topicPrefix}chat-messages`;
    const configEntries = [{ name: 'retention.ms', value: '-1' }];
    await under.admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name, configEntries }] });
    await eventually(async () => expect(await catalog.readRecordLifeMs('chat-messages')).toBe(Infinity));
  });

  it('is not ready once a topic has other partitions than at start', async () => {
    const topicPrefix = `${under.topicPrefix}more.`;
    const catalog = catalogOf({ topicPrefix });
    await catalog.start();
    await under.admin.createPartitions({ topicPartitions: [{ topic: `${topicPrefix}room-events`, count: 4 }] });
    await eventually(() =>
      expect(catalog.check().check()).rejects.toThrow('room-events has 4 partitions, at start it had 3'),
    );
  });

  it('says which topics are missing when it may not create them', async () => {
    const catalog = catalogOf({ topicPrefix: `${under.topicPrefix}none.`, createTopics: false, topicsDeadlineMs: 300 });
    await expect(catalog.start()).rejects.toThrow(/topics are missing: .*none\.chat-messages/);
  });

  it('says so when the cluster has too few brokers for the replicas', async () => {
    const catalog = catalogOf({ topicPrefix: `${under.topicPrefix}many.`, replicas: 9 });
    await expect(catalog.start()).rejects.toThrow(/KAFKA_REPLICAS/);
  });

  it('knows nothing before it has started', () => {
    expect(() => catalogOf().partitionCount('chat-messages')).toThrow('does not know chat-messages yet');
  });
});
