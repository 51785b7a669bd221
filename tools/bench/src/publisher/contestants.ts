import type { MessageDTO } from '@chat/dto';
import { encodeRecord, type RecordMetadata } from '@chat/kafka-contracts';
import { kafkaUnderTest } from '@chat/testing';
import { openPublisher } from '../open-publisher.ts';

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
  const { publisher, topic, close } = await openPublisher(under, partitions);
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
      await close();
      await under.cleanUp();
    },
  } as const;
}
