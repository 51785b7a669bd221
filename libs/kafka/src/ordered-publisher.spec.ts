import { setImmediate } from 'node:timers/promises';
import { asMessageId, asRoomId, asUserId, type RoomId } from '@chat/dto';
import { partitionOf } from '@chat/kafka-contracts';
import { createLogger, Registry } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KafkaClient } from './client.ts';
import { createPublisherMetrics } from './kafka-metrics.ts';
import { OrderedPublisher, type OrderedPublisherOptions } from './ordered-publisher.ts';
import type { RecordTransport } from './record-transport.ts';
import type { TransactionTransport } from './transactional-transport.ts';

const PARTITIONS = 4;
const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });
const plainTransport: RecordTransport = { connect: async () => {}, disconnect: async () => {}, append: async () => 0 };
const transactionTransport: TransactionTransport = {
  initialise: async () => {},
  append: async (_topic, parts) => parts.map(({ partition }) => partition * 100),
  commit: async () => {},
  discard: () => {},
  close: async () => {},
};

function publisherOf(over: Partial<OrderedPublisherOptions> = {}): OrderedPublisher {
  return new OrderedPublisher({
    client: new KafkaClient({ brokers: ['a:1'], clientId: 'spec', topicPrefix: '', logger }),
    catalog: { partitionCount: () => PARTITIONS, maxMessageBytes: () => 2_000 },
    transport: plainTransport,
    transactionTransport,
    logger,
    ...over,
  });
}

/** A room in each partition. */
const rooms = Array.from({ length: PARTITIONS }, (_, partition) => {
  const ids = Array.from({ length: 1_000 }, (_room, n) => n + 1);
  return asRoomId(ids.find((id) => partitionOf(String(id), PARTITIONS) === partition) ?? 0);
});
const [room0, room1] = rooms as [RoomId, RoomId]; // there are four

function itemOf(roomId: RoomId, content = 'hello') {
  const time = '2026-01-01T00:00:00Z';
  const value = { id: asMessageId(1), senderId: asUserId(1), roomId, content, type: 'GROUP', timestamp: time } as const;
  return { key: roomId, value, metadata: { id: '1', source: 'spec', time } };
}

it('refuses bytes that the brokers would not take', async () => {
  const publisher = publisherOf();
  await expect(publisher.publishBytes('room-feed', 1, Buffer.alloc(3_000_000))).rejects.toMatchObject({
    code: 'BODY_TOO_LARGE',
  });
});

it('names the limit where a record is larger than it', async () => {
  const { key, value, metadata } = itemOf(room0, 'x'.repeat(1_000));
  await expect(publisherOf().publish('chat-messages', key, value, metadata)).rejects.toMatchObject({
    code: 'BODY_TOO_LARGE',
    message: expect.stringContaining('at most 1000 bytes') as string,
  });
});

it('shows what waits for the append before it', async () => {
  const registry = new Registry();
  const appended = Promise.withResolvers<number>();
  const transport = { ...plainTransport, append: () => appended.promise };
  const publisher = publisherOf({ transport, observer: createPublisherMetrics(registry) });
  const shown = () => registry.getSingleMetricAsString('chat_kafka_queued_records');
  const publish = async () => {
    const { key, value, metadata } = itemOf(room0);
    const published = publisher.publish('chat-messages', key, value, metadata);
    await setImmediate();
    return { published };
  };
  const [first, second, third] = [await publish(), await publish(), await publish()];
  expect(await shown()).toContain('chat_kafka_queued_records 2');
  appended.resolve(0);
  await Promise.all([first, second, third].map(({ published }) => published));
  expect(await shown()).toContain('chat_kafka_queued_records 0');
});

describe('publishing together', () => {
  const together = (publisher: OrderedPublisher, ...items: ReturnType<typeof itemOf>[]) =>
    publisher.publishTogether('chat-messages', items);

  it('answers at once where there is nothing to publish', async () => {
    await expect(together(publisherOf())).resolves.toEqual([]);
  });

  it('needs no transaction where all go to one partition, and never divides them', async () => {
    const batches: Array<readonly [number, number]> = [];
    const append: RecordTransport['append'] = async (_topic, partition, records) => {
      batches.push([partition, records.length]);
      return 40;
    };
    const catalog = { partitionCount: () => PARTITIONS, maxMessageBytes: () => 4_000 };
    const transport = { ...plainTransport, append };
    const publisher = publisherOf({ transport, catalog, limits: { batchMaxRecords: 3 } });
    const [one, three] = [
      together(publisher, itemOf(room1)),
      together(publisher, ...[1, 2, 3].map(() => itemOf(room1))),
    ];
    await expect(one).resolves.toEqual([{ topic: 'chat-messages', partition: 1, offset: 40 }]);
    expect((await three).map(({ offset }) => offset)).toEqual([40, 41, 42]);
    expect(batches).toEqual([
      [1, 1],
      [1, 3],
    ]);
  });

  it('names the place of each record, in the order of the items', async () => {
    const places = await together(publisherOf(), ...[3, 0, 3, 1].map((n) => itemOf(rooms[n] ?? room0)));
    expect(places.map(({ partition, offset }) => [partition, offset])).toEqual([
      [3, 300],
      [0, 0],
      [3, 301],
      [1, 100],
    ]);
  });

  it.each([
    ['bytes', [itemOf(room0, 'x'.repeat(400)), itemOf(room0, 'x'.repeat(400)), itemOf(room1)]],
    ['records', [itemOf(room0), itemOf(room0), itemOf(room0), itemOf(room1)]],
  ])('names both limits where too many %s go to one partition', async (_limit, items) => {
    const publisher = publisherOf({ limits: { batchMaxRecords: 2 } });
    await expect(together(publisher, ...items)).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
      message: expect.stringContaining('at most 2 records and 1000 bytes') as string,
    });
  });

  describe('while the publisher stops', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('is waited for where it was accepted, then answered; what comes later is refused', async () => {
      const append = () => new Promise<never>(() => {});
      const publisher = publisherOf({ transactionTransport: { ...transactionTransport, append } });
      const outcome = (published: Promise<unknown>) =>
        published.then(
          () => 'published',
          (error: { code?: string }) => error.code,
        );
      const stuck = outcome(together(publisher, itemOf(room0), itemOf(room1)));
      const stopped = publisher.stop();
      const late = outcome(together(publisher, itemOf(room0), itemOf(room1)));
      await vi.advanceTimersByTimeAsync(1_900);
      expect(await Promise.race([stuck, 'no answer yet'])).toBe('no answer yet');
      await vi.advanceTimersByTimeAsync(200);
      expect([await stuck, await late]).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
      await stopped;
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
