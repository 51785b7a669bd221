import { asMessageId, asUserId } from '@chat/dto';
import { KafkaClient, OrderedPublisher } from '@chat/kafka';
import type { FaultLink } from '@chat/local-stack';
import { createLogger } from '@chat/service-kit';
import type { Place } from './stock-producer.ts';
import { roomIn, type TwoPartitions } from './two-partitions.ts';

const AT = '2025-04-29T15:23:00Z';
/** Kafka's own default, in bytes. */
const MAX_MESSAGE_BYTES = 1_048_588;

/** Our publisher behind a link. */
export interface PublisherUnderFault {
  /** Resolves once the record is acknowledged. */
  publish(place: Place): Promise<void>;
  close(): Promise<void>;
}

/** `deadlineMs` is how long `publish` may take. */
export async function openPublisherUnderFault(
  link: FaultLink,
  { topicPrefix }: TwoPartitions,
  deadlineMs: number,
): Promise<PublisherUnderFault> {
  const logger = createLogger('publisher-under-fault', { level: 'silent', instanceId: 'spec' });
  const brokers = link.kafkaBrokers.split(',');
  const publisher = new OrderedPublisher({
    client: new KafkaClient({ brokers, clientId: 'ours', topicPrefix, logger }),
    catalog: { partitionCount: () => 2, maxMessageBytes: () => MAX_MESSAGE_BYTES },
    logger,
    deadlineMs,
  });
  await publisher.start();
  return {
    publish: async ({ partition, id }) => {
      const roomId = roomIn(partition);
      const [messageId, senderId] = [asMessageId(Number(id)), asUserId(1)];
      const message = { id: messageId, senderId, roomId, content: id, type: 'GROUP', timestamp: AT } as const;
      await publisher.publish('chat-messages', roomId, message, { id, source: 'spec', time: AT });
    },
    close: () => publisher.stop(),
  };
}
