import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { expect, it } from 'vitest';
import { KafkaClient } from './client.ts';
import { OrderedPublisher } from './ordered-publisher.ts';

const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });

it('names the limit where a record is larger than it', async () => {
  const publisher = new OrderedPublisher({
    client: new KafkaClient({ brokers: ['a:1'], clientId: 'spec', topicPrefix: '', logger }),
    catalog: { partitionCount: () => 1, maxMessageBytes: () => 1_000 },
    transport: { connect: async () => {}, disconnect: async () => {}, append: async () => 0 },
    logger,
  });
  const message = {
    id: asMessageId(1),
    senderId: asUserId(1),
    roomId: asRoomId(1),
    content: 'x'.repeat(500),
    type: 'GROUP',
    timestamp: '2026-01-01T00:00:00Z',
  } as const;
  const metadata = { id: '1', source: 'spec', time: message.timestamp };
  const published = publisher.publish('chat-messages', message.roomId, message, metadata);
  await expect(published).rejects.toMatchObject({
    code: 'BODY_TOO_LARGE',
    message: expect.stringContaining('at most 500 bytes') as string,
  });
});
