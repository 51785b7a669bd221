import { createLogger } from '@chat/service-kit';
import { eventually, kafkaUnderTest, type KafkaUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaClient } from './client.ts';
import { inspectCluster } from './cluster-inspection.ts';
import { TopicCatalog } from './topic-catalog.ts';

const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });
/** `ConfigResourceTypes.TOPIC` */
const TOPIC_RESOURCE = 2;

describe('the inspection of a cluster', () => {
  let under: KafkaUnderTest;
  let client: KafkaClient;

  beforeAll(async () => {
    under = await kafkaUnderTest();
    client = new KafkaClient({ ...under, clientId: 'spec', logger });
    const catalog = new TopicCatalog({ client, logger, replicas: 1, topicLayout: '', createTopics: true });
    await catalog.start();
    await catalog.stop();
  });
  afterAll(() => under.cleanUp());

  const inspect = (topicLayout = '', replicas = 1) => inspectCluster({ client, replicas, topicLayout });
  const faultsOf = async (name: string, replicas = 1) => {
    const { topics } = await inspect('', replicas);
    return topics.find(({ topic }) => topic === `${under.topicPrefix}${name}`)?.faults;
  };

  it('finds nothing wrong with what the catalog has made but that all hangs on one broker', async () => {
    const { brokers, brokerFaults, topics } = await inspect();
    expect(brokers).toHaveLength(under.brokers.length);
    expect(brokerFaults).toEqual([]);
    expect(topics).toHaveLength(14);
    expect(new Set(topics.flatMap(({ faults }) => faults.map(({ kind }) => kind)))).toEqual(new Set(['ONE_BROKER']));
  });

  it('finds a topic that is not there, settings that were changed, and fewer replicas than configured', async () => {
    await under.admin.deleteTopics({ topics: [`${under.topicPrefix}room-events.dlq`] });
    await under.admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: TOPIC_RESOURCE,
          name: `${under.topicPrefix}chat-messages`,
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
    });

    await eventually(async () => {
      expect(await faultsOf('room-events.dlq')).toEqual([{ kind: 'MISSING', harm: 'STOPS' }]);
      expect(await faultsOf('chat-messages', 3)).toEqual(
        expect.arrayContaining([
          { kind: 'REPLICAS', harm: 'LOSES', wanted: 3, found: 1 },
          { kind: 'SETTING', harm: 'LOSES', setting: 'cleanup.policy', wanted: 'delete', found: 'compact' },
        ]),
      );
    });
  });
});
