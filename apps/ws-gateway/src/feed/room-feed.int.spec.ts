import { asRoomId, type RoomId } from '@chat/dto';
import { KafkaClient, OrderedPublisher, TopicCatalog } from '@chat/kafka';
import { partitionOf } from '@chat/kafka-contracts';
import { createLogger, Registry } from '@chat/service-kit';
import { eventually, kafkaUnderTest, type KafkaUnderTest } from '@chat/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createGatewayMetrics } from '../metrics.ts';
import { createFullFanIn } from './full-fan-in.ts';
import { InterestFeed } from './interest-feed.ts';
import { RecordJudge } from './record-judge.ts';
import type { FeedRecord, FeedSink, RoomFeed } from './room-feed.ts';
import type { Verdict } from './stretch.ts';

const logger = createLogger('feed-spec', { level: 'silent', instanceId: 'spec' });
const WAIT = { deadlineMs: 20_000 };
const COVER_MS = 15_000;
const PARTITIONS = 3;
const WINDOW = 1_000;
const ROOMS = [1, 2, 3, 4, 5, 6].map(asRoomId);
const [ROOM, OTHER] = [asRoomId(1), asRoomId(2)];

let under: KafkaUnderTest;
let producer: ReturnType<KafkaUnderTest['kafka']['producer']>;
let made = 0;
let messageCount = 0;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  under = await kafkaUnderTest();
  producer = under.kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  await producer.disconnect();
  await under.cleanUp();
});

interface Seen extends Pick<Verdict, 'prev'> {
  readonly offset: number;
  readonly repeats: string | null;
}

/** What passes, room by room, with the verdict: the feed's, or where it has none that of who is given everything. */
class RecordingSink implements FeedSink {
  /** By partition, as the feed of held rooms told them last. */
  readonly barriers = new Map<number, number>();
  readonly #seen = new Map<RoomId, Seen[]>();
  readonly #judges = new Map<number, RecordJudge>();

  of(roomId: RoomId): readonly Seen[] {
    return this.#seen.get(roomId) ?? [];
  }

  remember(partition: number, records: readonly FeedRecord[]): void {
    for (const record of records) this.#judgeOf(partition).judge(record);
  }

  consume(partition: number, records: readonly FeedRecord[]): Promise<void> {
    for (const record of records) this.#note(record.offset, this.#judgeOf(partition).judge(record));
    return Promise.resolve();
  }

  consumeJudged(
    partition: number,
    records: readonly (Verdict & { readonly offset: number })[],
    barrier: number,
  ): Promise<void> {
    this.barriers.set(partition, barrier);
    for (const record of records) this.#note(record.offset, record);
    return Promise.resolve();
  }

  forget(): void {}

  #note(offset: number, verdict: Verdict | null): void {
    if (verdict === null) return;
    const seen = this.#seen.get(verdict.roomId) ?? [];
    this.#seen.set(verdict.roomId, seen);
    seen.push({ offset, prev: verdict.prev, repeats: verdict.first?.messageId ?? null });
  }

  #judgeOf(partition: number): RecordJudge {
    const judged = { partition, partitionCount: PARTITIONS, repeatWindow: WINDOW, from: 0, isLogStart: true };
    const judge = this.#judges.get(partition) ?? new RecordJudge(judged);
    this.#judges.set(partition, judge);
    return judge;
  }
}

type Feed = 'full' | 'interest';

/** A system of its own: topics, and instances that read them. */
async function openSystem(kind: Feed) {
  const topicPrefix = `${under.topicPrefix}${(made += 1)}.`;
  const topic = `${topicPrefix}chat-messages`;
  const openInstance = async (whileItStarts?: (registry: Registry) => Promise<void>) => {
    const client = new KafkaClient({ brokers: under.brokers, clientId: 'spec', topicPrefix, logger });
    const topics = { replicas: 1, topicLayout: `chat-messages:${PARTITIONS},room-feed:4`, createTopics: true };
    const catalog = new TopicCatalog({ ...topics, client, privateTopics: ['room-feed'], logger });
    const publisher = new OrderedPublisher({ client, catalog, logger });
    await catalog.start();
    await publisher.start();
    const sink = new RecordingSink();
    const registry = new Registry();
    const metrics = createGatewayMetrics(registry);
    const fail = vi.fn();
    const options = {
      client,
      catalog,
      publisher,
      repeatWindow: WINDOW,
      keptBytes: { ofPartition: 1_000_000, ofAll: 3_000_000 },
      sink,
      metrics,
      fail,
      logger,
    };
    const feed: RoomFeed = kind === 'full' ? createFullFanIn(options) : new InterestFeed(options);
    await Promise.all([feed.start(), whileItStarts?.(registry)]);
    let isOpen = true;
    const close = async () => {
      if (!isOpen) return;
      isOpen = false;
      await feed.stop();
      await publisher.stop();
      await catalog.stop();
      expect(fail).not.toHaveBeenCalled();
    };
    closing.push(close);
    return { feed, sink, registry, close };
  };
  /** Messages of these rooms, each the first of its key, or all of one. */
  const send = async (rooms: readonly RoomId[], key?: string) => {
    const messages = rooms.map((roomId) => {
      const id = (messageCount += 1);
      const message = { id, senderId: 1, roomId, content: 'hi', type: 'GROUP', timestamp: '2025-04-29T15:23:00Z' };
      const headers = { ce_id: String(id), 'sender-id': '1', 'client-message-id': key ?? `key ${id}` };
      const partition = partitionOf(String(roomId), PARTITIONS);
      return { key: String(roomId), value: JSON.stringify(message), headers, partition };
    });
    await producer.send({ topic, messages });
  };
  /** As many messages of these rooms as are hidden from all readers, since they are given up again. */
  const sendInVain = async (rooms: readonly RoomId[]) => {
    const transactional = under.kafka.producer({ transactionalId: topic, maxInFlightRequests: 1 });
    await transactional.connect();
    const transaction = await transactional.transaction();
    const messages = rooms.map((roomId) => {
      return { key: String(roomId), value: '{}', partition: partitionOf(String(roomId), PARTITIONS) };
    });
    await transaction.send({ topic, messages });
    await transaction.abort();
    await transactional.disconnect();
  };
  return { openInstance, send, sendInVain };
}

async function held(feed: RoomFeed, roomId: RoomId): Promise<void> {
  feed.hold(roomId);
  await feed.whenCovered(roomId, COVER_MS);
}

describe.each<Feed>(['full', 'interest'])('a feed (%s)', (kind) => {
  it(
    'brings every record of a room that is held once, in order, with what came before it',
    { timeout: 60_000 },
    async () => {
      const { openInstance, send } = await openSystem(kind);
      const { feed, sink } = await openInstance();
      await held(feed, ROOM);
      for (let turn = 0; turn < 20; turn += 1) await send(ROOMS);
      await eventually(() => expect(sink.of(ROOM)).toHaveLength(20), WAIT);
      const offsets = sink.of(ROOM).map(({ offset }) => offset);
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      expect(sink.of(ROOM).every(({ repeats }) => repeats === null)).toBe(true);
      expect(
        sink
          .of(ROOM)
          .slice(1)
          .every(({ prev }) => prev !== null),
      ).toBe(true);
    },
  );

  it('says of a repeat what it repeats, also to who has not had the first', { timeout: 60_000 }, async () => {
    const { openInstance, send } = await openSystem(kind);
    const early = await openInstance();
    await held(early.feed, ROOM);
    await send([ROOM], 'one key');
    const firstId = String(messageCount);
    await eventually(() => expect(early.sink.of(ROOM)).toHaveLength(1), WAIT);
    const late = await openInstance();
    await held(late.feed, ROOM);
    await send([ROOM, ROOM], 'one key');
    for (const { sink } of [early, late]) {
      await eventually(() => expect(sink.of(ROOM).filter(({ repeats }) => repeats === firstId)).toHaveLength(2), WAIT);
    }
  });

  it('goes on without a hole where an instance leaves while records come', { timeout: 90_000 }, async () => {
    const { openInstance, send } = await openSystem(kind);
    const [one, other] = [await openInstance(), await openInstance()];
    await held(one.feed, ROOM);
    await held(one.feed, OTHER);
    for (let turn = 0; turn < 60; turn += 1) {
      await send(ROOMS);
      if (turn === 20) void other.close();
    }
    for (const roomId of [ROOM, OTHER]) {
      await eventually(() => expect(one.sink.of(roomId)).toHaveLength(60), WAIT);
      const prevs = new Set(one.sink.of(roomId).map(({ prev }) => prev));
      expect(prevs.size).toBe(60); // each follows another one, and the first none
    }
  });
});

describe('a feed of held rooms', () => {
  it('brings nothing of others, and a room anew once it is held again', { timeout: 60_000 }, async () => {
    const { openInstance, send } = await openSystem('interest');
    const { feed, sink } = await openInstance();
    await held(feed, ROOM);
    await send(ROOMS);
    await eventually(() => expect(sink.of(ROOM)).toHaveLength(1), WAIT);
    expect(ROOMS.filter((roomId) => sink.of(roomId).length > 0)).toEqual([ROOM]);
    expect(feed.coveredFrom(OTHER)).toBe(Infinity);
    await held(feed, OTHER);
    await send(ROOMS);
    await eventually(() => expect(sink.of(OTHER)).toHaveLength(1), WAIT);
  });

  it('starts where all that a log ends with was given up, and waits for none of it', { timeout: 60_000 }, async () => {
    const { openInstance, send, sendInVain } = await openSystem('interest');
    const early = await openInstance();
    await held(early.feed, ROOM);
    await send(ROOMS);
    await eventually(() => expect(early.sink.of(ROOM)).toHaveLength(1), WAIT);
    await sendInVain(ROOMS);
    const { feed, sink } = await openInstance();
    await held(feed, ROOM);
    const partition = partitionOf(String(ROOM), PARTITIONS);
    const last = ROOMS.filter((roomId) => partitionOf(String(roomId), PARTITIONS) === partition).length;
    expect([feed.endAtStart(partition) > last, sink.barriers.get(partition)]).toEqual([true, last]);
    await send(ROOMS);
    for (const one of [early.sink, sink])
      await eventually(() => expect(one.of(ROOM).at(-1)?.offset).toBeGreaterThan(last), WAIT);
  });

  it(
    'shows for how long a partition has not been known to come, until somebody routes it',
    { timeout: 60_000 },
    async () => {
      const { openInstance } = await openSystem('interest');
      const silentS = async (registry: Registry) =>
        Number((await registry.getSingleMetricAsString('chat_gateway_feed_silence_seconds')).split(' ').at(-1));
      const { registry } = await openInstance(async (starting) => {
        await eventually(async () => expect(await silentS(starting)).toBeGreaterThan(0), { ...WAIT, everyMs: 5 });
      });
      await eventually(async () => expect(await silentS(registry)).toBe(0), WAIT);
    },
  );

  it('tells who waits for a room that is not held that it does not come', { timeout: 60_000 }, async () => {
    const { openInstance } = await openSystem('interest');
    const { feed } = await openInstance();
    await expect(feed.whenCovered(OTHER, 50)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
