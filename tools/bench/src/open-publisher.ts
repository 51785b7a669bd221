import { KafkaClient, OrderedPublisher, TopicCatalog } from '@chat/kafka';
import { createLogger } from '@chat/service-kit';
import type { KafkaUnderTest } from '@chat/testing';

/** Our publisher as an app has it, on topics with so many partitions of chat-messages; `topic` is the name of that one. */
export async function openPublisher({ brokers, topicPrefix }: KafkaUnderTest, partitions: number) {
  const logger = createLogger('bench', { level: 'silent', instanceId: 'bench' });
  const client = new KafkaClient({ brokers, clientId: 'bench', topicPrefix, logger });
  const topicLayout = `chat-messages:${partitions}`;
  const catalog = new TopicCatalog({ client, logger, replicas: 1, topicLayout, createTopics: true });
  await catalog.start();
  const publisher = new OrderedPublisher({ client, catalog, logger });
  await publisher.start();
  return {
    publisher,
    topic: client.topicName('chat-messages'),
    close: async () => {
      await publisher.stop();
      await catalog.stop();
    },
  };
}
