import type { MessageDTO } from '@chat/dto';
import { KafkaClient, OrderedPublisher, TopicCatalog } from '@chat/kafka';
import { encodeRecord, type RecordMetadata } from '@chat/kafka-contracts';
import { createLogger } from '@chat/service-kit';
import { kafkaUnderTest, type KafkaUnderTest } from '@chat/testing';

/** What each of them publishes. */
export interface Sample {
  readonly message: MessageDTO;
  readonly metadata: RecordMetadata;
}

/** One way to publish a message. */
export interface Contestant {
  /** Resolves once all in-sync replicas have it. */
  publish(sample: Sample): Promise<unknown>;
}

/** Our publisher and a stock producer, connected, on one topic. */
export async function openContestants(brokersText: string, partitions: number) {
  const under = await kafkaUnderTest(brokersText);
  const { publisher, catalog, topic } = await openOurs(under, partitions);
  const producer = under.kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  return {
    ours: {
      publish: ({ message, metadata }: Sample) => publisher.publish('chat-messages', message.roomId, message, metadata),
    },
    plain: {
      publish: ({ message, metadata }: Sample) => {
        const { key, value, headers } = encodeRecord('chat-messages', message.roomId, message, metadata);
        return producer.send({
          topic,
          acks: -1,
          messages: [{ key, value: Buffer.from(value), headers: { ...headers } }],
        });
      },
    },
    close: async () => {
      await producer.disconnect();
      await publisher.stop();
      await catalog.stop();
      await under.cleanUp();
    },
  } as const;
}

async function openOurs({ brokers, topicPrefix }: KafkaUnderTest, partitions: number) {
  const logger = createLogger('bench', { level: 'silent', instanceId: 'bench' });
  const client = new KafkaClient({ brokers, clientId: 'bench', topicPrefix, logger });
  const topicLayout = `chat-messages:${partitions}`;
  const catalog = new TopicCatalog({ client, logger, replicas: 1, topicLayout, createTopics: true });
  await catalog.start();
  const publisher = new OrderedPublisher({ client, catalog, logger });
  await publisher.start();
  return { publisher, catalog, topic: client.topicName('chat-messages') };
}
