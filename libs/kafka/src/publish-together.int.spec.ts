import { randomUUID } from 'node:crypto';
import { asMessageId, asRoomId, asUserId, type MessageDTO, type RoomId } from '@chat/dto';
import { partitionOf } from '@chat/kafka-contracts';
import { createLogger } from '@chat/service-kit';
import {
  advertiseProxy,
  eventually,
  KAFKA_API,
  kafkaUnderTest,
  openKafkaProxy,
  type KafkaFrame,
  type KafkaUnderTest,
  type TrapProxy,
} from '@chat/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KafkaClient, TRANSACTION_TIMEOUT_MS } from './client.ts';
import { OrderedPublisher } from './ordered-publisher.ts';
import { TopicCatalog } from './topic-catalog.ts';
import { createTransactionTransport } from './transactional-transport.ts';

const PARTITIONS = 4;
/** The brokers of the local stack look for transactions past their timeout every second. */
const CLEANUP_MS = 2_000;
const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });
const time = '2025-04-29T15:23:00Z';

/** A room in each partition. */
const rooms = Array.from({ length: PARTITIONS }, (_, partition) => {
  const ids = Array.from({ length: 1_000 }, (_room, n) => n + 1);
  return asRoomId(ids.find((id) => partitionOf(String(id), PARTITIONS) === partition) ?? 0);
});
const [roomA, roomB, roomC] = rooms as [RoomId, RoomId, RoomId]; // there are four

function itemOf(roomId: RoomId, id: number) {
  const ids = { id: asMessageId(id), senderId: asUserId(1), roomId };
  const value: MessageDTO = { ...ids, content: `message ${id}`, type: 'GROUP', timestamp: time };
  return { key: roomId, value, metadata: { id: String(id), source: 'spec', time } };
}

/** Calls in the turn given, for records numbered on from here. */
function publishing(publisher: OrderedPublisher) {
  return {
    one: (roomId: RoomId, id: number) => {
      const { key, value, metadata } = itemOf(roomId, id);
      return publisher.publish('chat-messages', key, value, metadata);
    },
    together: (...items: ReadonlyArray<readonly [RoomId, number]>) =>
      publisher.publishTogether(
        'chat-messages',
        items.map(([roomId, id]) => itemOf(roomId, id)),
      ),
  };
}

/** What a consumer has been given, by record ids in the order of each partition. */
async function watch(under: KafkaUnderTest, topic: string, isolation: 'read committed' | 'read uncommitted') {
  const readUncommitted = isolation === 'read uncommitted';
  const consumer = under.kafka.consumer({ groupId: `watch-${randomUUID()}`, maxWaitTimeInMs: 50, readUncommitted });
  const ids = new Map<number, number[]>(rooms.map((_, partition) => [partition, []]));
  let fetchCount = 0;
  consumer.on(consumer.events.FETCH, () => void (fetchCount += 1));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: ({ partition, message }) => {
      ids.get(partition)?.push(Number(message.headers?.['ce_id']?.toString()));
      return Promise.resolve();
    },
  });
  return {
    of: (roomId: RoomId) => ids.get(rooms.indexOf(roomId)) ?? [],
    all: () => [...ids.values()].flat(),
    /** Resolves when it has fetched twice more: by then it was given whatever could be had at the call. */
    fetched: () => {
      const target = fetchCount + 2;
      return eventually(() => expect(fetchCount).toBeGreaterThanOrEqual(target));
    },
    close: () => consumer.disconnect(),
  };
}
type Watch = Awaited<ReturnType<typeof watch>>;

describe('publishing together on a real log', () => {
  let under: KafkaUnderTest;
  let proxy: TrapProxy<KafkaFrame>;
  let client: KafkaClient;
  let catalog: TopicCatalog;
  let topic: string;
  let publisher: OrderedPublisher;
  let committed: Watch;

  beforeAll(async () => {
    const plain = await kafkaUnderTest();
    const { brokers } = await plain.admin.describeCluster();
    await plain.cleanUp();
    const [advertised] = brokers;
    if (advertised === undefined) throw new Error('the cluster has no broker');
    proxy = await openKafkaProxy(advertised);
    advertiseProxy(proxy, advertised);
  });

  afterAll(() => proxy.close());

  beforeEach(async () => {
    under = await kafkaUnderTest();
    const { topicPrefix } = under;
    client = new KafkaClient({ brokers: [`${proxy.host}:${proxy.port}`], clientId: 'spec', topicPrefix, logger });
    const topicLayout = `chat-messages:${PARTITIONS}`;
    catalog = new TopicCatalog({ client, logger, replicas: 1, topicLayout, createTopics: true });
    await catalog.start();
    topic = client.topicName('chat-messages');
    await eventually(() => under.admin.fetchTopicOffsets(topic)); // brokers know the leaders of a new topic a little later
    publisher = new OrderedPublisher({ client, catalog, logger });
    await publisher.start();
    committed = await watch(under, topic, 'read committed');
  });

  afterEach(async () => {
    proxy.mend();
    await committed.close();
    await publisher.stop();
    await catalog.stop();
    await under.cleanUp();
  });

  it('shows records of several partitions all at once, when they are committed and not before', async () => {
    const uncommitted = await watch(under, topic, 'read uncommitted');
    const mayCommit = Promise.withResolvers<void>();
    const held = proxy.trap({ matches: isRequest(KAFKA_API.endTxn), act: () => mayCommit.promise });
    const { together } = publishing(publisher);
    const published = together([roomC, 1], [roomA, 2], [roomC, 3], [roomB, 4]);
    await eventually(() => expect(uncommitted.all().sort()).toEqual([1, 2, 3, 4]));
    await committed.fetched();
    expect(committed.all()).toEqual([]);
    mayCommit.resolve();
    await held.sprung;
    const places = await published;
    await eventually(() => expect(committed.all().sort()).toEqual([1, 2, 3, 4]));
    const log = await under.readLog(topic);
    const ids = places.map(({ partition, offset }) => {
      const record = log.find((one) => one.partition === partition && one.offset === offset);
      return record?.headers['ce_id']?.toString();
    });
    expect(ids).toEqual(['1', '2', '3', '4']);
    expect(places.map(({ partition }) => partition)).toEqual([2, 0, 2, 1]);
    await uncommitted.close();
  });

  it('appends records of one partition as one batch, without a transaction', async () => {
    const ended = proxy.trap({ matches: isRequest(KAFKA_API.endTxn) });
    const { one, together } = publishing(publisher);
    const first = one(roomA, 1);
    const places = await together([roomA, 2], [roomA, 3], [roomA, 4]);
    expect(places.map(({ offset }) => offset)).toEqual([1, 2, 3]);
    await expect(first).resolves.toMatchObject({ offset: 0 });
    expect(ended.count).toBe(0);
    ended.remove();
  });

  it('keeps the order of the calls in every partition, alone and together, one after another and at once', async () => {
    const { one, together } = publishing(publisher);
    const called = new Map<RoomId, number[]>(rooms.map((room) => [room, []]));
    const calls: Promise<unknown>[] = [];
    for (let id = 1; id <= 300;) {
      const chosen = rooms.filter((_, n) => (id * 7 + n * 5) % 3 === 0);
      const items = chosen.map((room) => [room, id++] as const);
      for (const [room, itemId] of items) called.get(room)?.push(itemId);
      calls.push(together(...items));
      const alone = rooms[id % PARTITIONS] ?? roomA;
      called.get(alone)?.push(id);
      calls.push(one(alone, id++));
      if (id % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(calls);
    await eventually(() => expect(committed.all()).toHaveLength([...called.values()].flat().length));
    for (const room of rooms) expect(committed.of(room)).toEqual(called.get(room));
  });

  it('shows none of them where it fails in the middle, and the partitions go on in order', async () => {
    const own = new OrderedPublisher({ client, catalog, logger, deadlineMs: 1_500 });
    await own.start();
    const { one, together } = publishing(own);
    await one(roomA, 1);
    const cut = proxy.trap({ matches: isRequest(KAFKA_API.produce), times: 2, act: () => void cutAt(2, cut, proxy) });
    const [failed, behind] = [together([roomA, 2], [roomB, 3], [roomC, 4]), one(roomB, 5)];
    await expect(failed).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(behind).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    proxy.mend();
    const mendedAt = performance.now();
    for (const room of [roomA, roomB, roomC]) await eventually(() => one(room, 10));
    await Promise.all([one(roomA, 11), one(roomB, 12), together([roomA, 13], [roomB, 14])]);
    await eventually(() => {
      expect(distinct(committed.of(roomA))).toEqual([1, 10, 11, 13]);
      expect(distinct(committed.of(roomB))).toEqual([10, 12, 14]);
      expect(distinct(committed.of(roomC))).toEqual([10]);
    });
    expect(performance.now() - mendedAt).toBeLessThan(TRANSACTION_TIMEOUT_MS);
    await own.stop();
  });

  it('ends what it left open as soon as it can, although nothing else is published together', async () => {
    const own = new OrderedPublisher({ client, catalog, logger, deadlineMs: 1_000 });
    await own.start();
    const { one, together } = publishing(own);
    await one(roomB, 1);
    proxy.trap({ matches: isRequest(KAFKA_API.endTxn), act: () => proxy.cut() });
    await expect(together([roomA, 2], [roomB, 3])).rejects.toMatchObject({ code: 'UNKNOWN' });
    proxy.mend();
    const mendedAt = performance.now();
    await eventually(() => one(roomB, 4));
    await eventually(() => expect(committed.of(roomB)).toContain(4));
    expect(performance.now() - mendedAt).toBeLessThan(TRANSACTION_TIMEOUT_MS / 2);
    expect(committed.of(roomB).filter((id) => id === 3)).toEqual([]);
    await own.stop();
  });

  it('tries again where it fails in the middle and there is time: each record is in the log once', async () => {
    const { together } = publishing(publisher);
    const reset = proxy.trap({
      matches: isRequest(KAFKA_API.produce),
      times: 2,
      act: (_frame, connection) => void (reset.count === 2 && connection.reset()),
    });
    await together([roomA, 1], [roomB, 2]);
    await eventually(() => expect(committed.all()).toEqual([1, 2]));
    expect((await under.readLog(topic)).map(({ offset }) => offset)).toEqual([2, 1]);
  });

  it('gives an exact answer after a commit of unknown outcome: each record counts once', async () => {
    const { one, together } = publishing(publisher);
    const lost = proxy.trap({ matches: isReply(KAFKA_API.endTxn), act: (_frame, connection) => connection.reset() });
    await Promise.all([one(roomA, 1), together([roomA, 2], [roomB, 3]), one(roomA, 4), one(roomB, 5)]);
    expect(lost.count).toBe(1);
    await eventually(() => {
      expect(committed.of(roomA)).toEqual([1, 2, 2, 4]);
      expect(committed.of(roomB)).toEqual([3, 3, 5]);
    });
  });

  it('answers UNKNOWN where the outcome of the commit cannot be learnt in time, and it may have been committed', async () => {
    const own = new OrderedPublisher({ client, catalog, logger, deadlineMs: 1_000 });
    await own.start();
    const { together } = publishing(own);
    proxy.trap({ matches: isReply(KAFKA_API.endTxn), act: () => proxy.cut() });
    await expect(together([roomA, 1], [roomB, 2])).rejects.toMatchObject({ code: 'UNKNOWN' });
    proxy.mend();
    await eventually(() => expect(committed.all()).toEqual([1, 2]));
    await own.stop();
  });

  it('answers within its deadline when brokers hang, and goes on when they answer again', async () => {
    const own = new OrderedPublisher({ client, catalog, logger, deadlineMs: 1_000 });
    await own.start();
    const { one, together } = publishing(own);
    await together([roomA, 1], [roomB, 2]);
    proxy.blackHole();
    const startedAt = performance.now();
    await expect(together([roomA, 3], [roomB, 4])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    proxy.mend();
    await eventually(() => together([roomA, 5], [roomB, 6]), { deadlineMs: 10_000 });
    await one(roomA, 7);
    await eventually(() => expect(distinct(committed.of(roomA))).toEqual([1, 5, 7]));
    expect(committed.of(roomB)).not.toContain(4);
    await own.stop();
  });

  it('hides a transaction whose process dies in the middle, and its partitions are readable again soon', async () => {
    const dying = createTransactionTransport(client, logger);
    await dying.initialise();
    const encoded = { key: 'left behind', value: null, headers: { ce_id: '1' } };
    const parts = [0, 1].map((partition) => ({ partition, records: [encoded], bytes: 100, places: [partition] }));
    await dying.append(topic, parts);
    const openedAt = performance.now();
    dying.discard(); // what the system does to the sockets of a process that is killed
    const { one } = publishing(publisher);
    await Promise.all([one(roomA, 2), one(roomB, 3)]);
    await eventually(() => expect(committed.all().sort()).toEqual([2, 3]), { deadlineMs: 15_000 });
    expect(performance.now() - openedAt).toBeLessThan(TRANSACTION_TIMEOUT_MS + CLEANUP_MS);
  });

  it('waits for what it accepted before it stops, and refuses what comes after', async () => {
    const own = new OrderedPublisher({ client, catalog, logger });
    await own.start();
    const { together } = publishing(own);
    const accepted = together([roomA, 1], [roomB, 2]);
    const stopped = own.stop();
    await expect(together([roomA, 3], [roomB, 4])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(accepted).resolves.toHaveLength(2);
    await stopped;
  });
});

function isRequest(apiKey: number) {
  return (frame: KafkaFrame) => frame.direction === 'request' && frame.apiKey === apiKey;
}

function isReply(apiKey: number) {
  return (frame: KafkaFrame) => frame.direction === 'reply' && frame.apiKey === apiKey;
}

function cutAt(count: number, trap: { readonly count: number }, proxy: TrapProxy<KafkaFrame>): void {
  if (trap.count === count) proxy.cut();
}

/** First in the log wins. */
function distinct(ids: readonly number[]): readonly number[] {
  return [...new Set(ids)];
}
