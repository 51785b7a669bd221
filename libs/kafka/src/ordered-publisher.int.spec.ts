import { asMessageId, asRoomId, asUserId, type MessageDTO } from '@chat/dto';
import { partitionOf, type RawRecord } from '@chat/kafka-contracts';
import { createLogger } from '@chat/service-kit';
import { kafkaUnderTest, type KafkaUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaClient } from './client.ts';
import { OrderedPublisher } from './ordered-publisher.ts';
import { TopicCatalog } from './topic-catalog.ts';

const PARTITIONS = 4;
const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });
const roomId = asRoomId(7);

function messageOf(id: number, over: Partial<MessageDTO> = {}): MessageDTO {
  return {
    id: asMessageId(id),
    senderId: asUserId(1),
    roomId,
    content: `message ${id}`,
    type: 'GROUP',
    timestamp: '2025-04-29T15:23:00Z',
    ...over,
  };
}
const metadataOf = (id: number) => ({ id: String(id), source: 'spec', time: '2025-04-29T15:23:00Z' });

describe('the publisher on a real log', () => {
  let under: KafkaUnderTest;
  let catalog: TopicCatalog;
  let publisher: OrderedPublisher;
  let client: KafkaClient;

  beforeAll(async () => {
    under = await kafkaUnderTest();
    client = new KafkaClient({ brokers: under.brokers, clientId: 'spec', topicPrefix: under.topicPrefix, logger });
    const topicLayout = `chat-messages:${PARTITIONS}`;
    catalog = new TopicCatalog({ client, logger, replicas: 1, topicLayout, createTopics: true });
    await catalog.start();
    publisher = new OrderedPublisher({ client, catalog, logger });
    await publisher.start();
  });

  afterAll(async () => {
    await publisher.stop();
    await catalog.stop();
    await under.cleanUp();
  });

  it('appends every acknowledged record at the place it names, in the order of the calls, in every room', async () => {
    const count = 2_000;
    const published = await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
        const room = asRoomId((n % 10) + 1);
        return publisher.publish('chat-messages', room, messageOf(n + 1, { roomId: room }), metadataOf(n + 1));
      }),
    );
    const log = await under.readLog(client.topicName('chat-messages'));
    expect(log).toHaveLength(count);
    for (const [n, { partition, offset }] of published.entries()) {
      const record = log.find((one) => one.partition === partition && one.offset === offset);
      expect(record?.headers['ce_id']?.toString()).toBe(String(n + 1));
      expect(partition).toBe(partitionOf(String((n % 10) + 1), PARTITIONS));
    }
  });

  it('keeps the order of one room under concurrent calls', async () => {
    const room = asRoomId(77);
    const ids = Array.from({ length: 500 }, (_, n) => 10_000 + n);
    await Promise.all(
      ids.map((id) => publisher.publish('chat-messages', room, messageOf(id, { roomId: room }), metadataOf(id))),
    );
    const log = await under.readLog(client.topicName('chat-messages'));
    const inLog = log.filter(({ key }) => key === '77').map(({ headers }) => Number(headers['ce_id']?.toString()));
    expect(inLog).toEqual(ids);
  });

  it('refuses a record that is larger than half a batch of its topic, and others go on', async () => {
    const huge = messageOf(20_000, { content: 'x'.repeat(600_000) });
    await expect(publisher.publish('chat-messages', roomId, huge, metadataOf(20_000))).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
    });
    await expect(
      publisher.publish('chat-messages', roomId, messageOf(20_001), metadataOf(20_001)),
    ).resolves.toMatchObject({ topic: 'chat-messages' });
  });

  it('sets a dead letter aside with its bytes and headers as they were, and why', async () => {
    const record: RawRecord = {
      key: new Uint8Array([0, 255]),
      value: new Uint8Array([0xff, 0xfe, 0x00]),
      headers: { own: 'text', twice: [Buffer.from('a'), Buffer.from('b')], none: null, some: [null, Buffer.from('c')] },
    };
    await publisher.publishDeadLetter({ topic: 'chat-messages', partition: 3, offset: 42, record }, 'it is not UTF-8');
    await publisher.publishDeadLetter(
      { topic: 'chat-messages', partition: 3, offset: 43, record: { key: null, value: null } },
      'it has no value',
    );
    const [first, second] = await under.readLog(client.topicName('chat-messages.dlq'));
    expect(first?.value).toEqual(Buffer.from([0xff, 0xfe, 0x00]));
    expect(
      Object.fromEntries(Object.entries(first?.headers ?? {}).map(([name, header]) => [name, String(header)])),
    ).toMatchObject({
      own: 'text',
      twice: 'a,b',
      none: '',
      some: ',c',
      'dlq-null-headers': 'none,some',
      'dlq-source-topic': 'chat-messages',
      'dlq-source-partition': '3',
      'dlq-source-offset': '42',
      'dlq-reason': 'it is not UTF-8',
    });
    expect(second).toMatchObject({ key: null, value: null });
  });

  it('publishes what it accepted before it stops, and refuses what comes after', async () => {
    const own = new OrderedPublisher({ client, catalog, logger });
    await own.start();
    const accepted = own.publish('chat-messages', roomId, messageOf(30_000), metadataOf(30_000));
    const stopped = own.stop();
    await expect(own.publish('chat-messages', roomId, messageOf(30_001), metadataOf(30_001))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await expect(accepted).resolves.toMatchObject({ topic: 'chat-messages' });
    await stopped;
  });

  it('answers within its deadline when no broker can be reached', async () => {
    const lost = new KafkaClient({
      brokers: ['127.0.0.1:1'],
      clientId: 'spec',
      topicPrefix: under.topicPrefix,
      logger,
    });
    const own = new OrderedPublisher({ client: lost, catalog, logger, deadlineMs: 1_000 });
    const startedAt = performance.now();
    await expect(own.publish('chat-messages', roomId, messageOf(1), metadataOf(1))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await own.stop();
  });
});
