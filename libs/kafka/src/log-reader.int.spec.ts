import { createLogger } from '@chat/service-kit';
import { eventually, kafkaUnderTest, type KafkaUnderTest } from '@chat/testing';
import type { Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { KafkaClient } from './client.ts';
import { LogReader, type LogReaderOptions } from './log-reader.ts';

const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });
const TOPIC = 'room-events';
const PARTITIONS = 3;
const WAIT = { deadlineMs: 20_000 };

describe('a reader of the whole log', () => {
  let under: KafkaUnderTest;
  let producer: Producer;
  let topicPrefix: string;
  let made = 0;
  let readers: LogReader[] = [];

  beforeAll(async () => {
    under = await kafkaUnderTest();
    producer = under.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
  });
  afterEach(async () => {
    await Promise.all(readers.map((reader) => reader.stop()));
    readers = [];
  });
  afterAll(async () => {
    await producer.disconnect();
    await under.cleanUp();
  });

  async function freshTopic(): Promise<string> {
    topicPrefix = `${under.topicPrefix}${(made += 1)}.`;
    const topic = `${topicPrefix}${TOPIC}`;
    await under.createTopic(topic, PARTITIONS);
    return topic;
  }

  function readerOf(over: Partial<LogReaderOptions> = {}) {
    const client = new KafkaClient({ brokers: under.brokers, clientId: 'spec', topicPrefix, logger });
    const seen: string[] = [];
    const fail = vi.fn();
    const reader = new LogReader({
      client,
      catalog: { partitionCount: () => PARTITIONS },
      groupId: 'spec',
      topics: [TOPIC],
      onBatch: (_topic, _partition, records) => void seen.push(...records.map(({ value }) => String(value))),
      fail,
      logger,
      ...over,
    });
    readers.push(reader);
    return { reader, seen, fail };
  }

  const send = (topic: string, values: readonly string[], partition = 0) =>
    producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

  it('misses nothing that is sent right after it has started, and sees nothing from before', async () => {
    for (let round = 0; round < 3; round += 1) {
      const topic = await freshTopic();
      await send(topic, ['before']);
      await send(topic, ['before'], 1);
      const processed: number[] = [];
      const observer = { processed: (_topic: string, _partition: number, count: number) => void processed.push(count) };
      const { reader, seen, fail } = readerOf({ observer });
      await reader.start();
      await Promise.all([send(topic, ['a', 'b'], 0), send(topic, ['c'], 2)]);
      await eventually(() => expect(seen).toHaveLength(3), WAIT);
      expect([...seen].sort()).toEqual(['a', 'b', 'c']);
      expect(processed).not.toContain(0); // nothing was fetched only to be skipped
      expect(fail).not.toHaveBeenCalled();
      expect([reader.position(TOPIC, 0), reader.position(TOPIC, 1), reader.position(TOPIC, 2)]).toEqual([3, 1, 1]);
    }
  });

  it('reads back as many offsets as asked for before it is started, and keeps them apart from what is live', async () => {
    const topic = await freshTopic();
    await send(topic, range(0, 50), 0);
    await send(topic, ['only'], 1);
    const old: string[] = [];
    const onOld: LogReaderOptions['onBatch'] = (_topic, _partition, records) =>
      void old.push(...records.map(({ value }) => String(value)));
    const { reader, seen } = readerOf({ lookBack: { records: 20, onBatch: onOld } });
    await reader.start();
    expect([...old].sort()).toEqual([...range(30, 50), 'only'].sort());
    expect(seen).toEqual([]);
    await send(topic, ['live'], 0);
    await eventually(() => expect(seen).toEqual(['live']), WAIT);
    expect(old).toHaveLength(21);
  });

  it('misses and repeats nothing while others join its group and leave it', async () => {
    const topic = await freshTopic();
    const { reader, seen, fail } = readerOf();
    await reader.start();
    const count = 300;
    const sending = (async () => {
      for (let n = 0; n < count; n += 1) await send(topic, [`${n % PARTITIONS}:${n}`], n % PARTITIONS);
    })();
    const intruder = under.kafka.consumer({ groupId: reader.groupId, sessionTimeout: 6_000 });
    await intruder.connect();
    await intruder.subscribe({ topics: [topic] });
    const joined = new Promise((resolve) => intruder.on(intruder.events.GROUP_JOIN, resolve));
    await intruder.run({ eachMessage: () => Promise.resolve() });
    await joined;
    await intruder.disconnect();
    await sending;
    await eventually(() => expect(new Set(seen).size).toBe(count), WAIT);
    expect(seen).toHaveLength(count);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const own = seen.filter((value) => value.startsWith(`${partition}:`)).map((value) => Number(value.split(':')[1]));
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    expect(fail).not.toHaveBeenCalled();
  });

  it('passes over markers and aborted records, and its position is behind the last record', async () => {
    const topic = await freshTopic();
    const transactional = under.kafka.producer({
      transactionalId: `${topicPrefix}tx`,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await transactional.connect();
    const transact = async (value: string, end: 'commit' | 'abort') => {
      const transaction = await transactional.transaction();
      await transaction.send({ topic, messages: [{ value, partition: 0 }] });
      await transaction[end]();
    };
    await transact('kept', 'commit');
    await transact('dropped', 'abort');
    const old: string[] = [];
    const onOld: LogReaderOptions['onBatch'] = (_topic, _partition, records) =>
      void old.push(...records.map(({ value }) => String(value)));
    const { reader, seen, fail } = readerOf({ lookBack: { records: 100, onBatch: onOld } });
    await reader.start();
    expect(old).toEqual(['kept']);
    expect(reader.position(TOPIC, 0)).toBe(1);
    await transact('dropped too', 'abort');
    await transact('live', 'commit');
    await transactional.disconnect();
    await eventually(() => expect(seen).toEqual(['live']), WAIT);
    expect(fail).not.toHaveBeenCalled();
  });

  it('is started although nothing but markers lies between its look-back and the end', async () => {
    const topic = await freshTopic();
    const transactional = under.kafka.producer({
      transactionalId: `${topicPrefix}tx`,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await transactional.connect();
    const transaction = await transactional.transaction();
    await transaction.send({ topic, messages: [{ value: 'kept', partition: 0 }] });
    await transaction.commit();
    await transactional.disconnect();
    const onOld = vi.fn();
    const { reader } = readerOf({ lookBack: { records: 1, onBatch: onOld } });
    await reader.start();
    expect(onOld).not.toHaveBeenCalled();
    expect(reader.position(TOPIC, 0)).toBe(1);
  });

  it('ends the process when a record cannot be processed', async () => {
    const topic = await freshTopic();
    const { reader, fail } = readerOf({ onBatch: () => Promise.reject(new Error('broken')) });
    await reader.start();
    await send(topic, ['a']);
    await eventually(() => expect(fail).toHaveBeenCalled(), WAIT);
    expect(fail.mock.calls[0]).toMatchObject([
      'records of room-events/0 could not be processed',
      { message: 'broken' },
    ]);
  });

  it('ends the process when a batch gets nowhere', async () => {
    const topic = await freshTopic();
    const hung = Promise.withResolvers<void>();
    const { reader, fail } = readerOf({ onBatch: () => hung.promise, progressDeadlineMs: 1_200 });
    await reader.start();
    await send(topic, ['a']);
    await eventually(() => expect(fail).toHaveBeenCalled(), WAIT);
    hung.resolve();
    expect(String(fail.mock.calls[0]?.[0])).toMatch(/room-events\/0 has stood still at 0 although the log goes to 1/);
  });

  it('ends the process when its position is no longer in the log', async () => {
    const topic = await freshTopic();
    const { reader, seen, fail } = readerOf();
    await reader.start();
    await send(topic, range(0, 10));
    await eventually(() => expect(seen).toHaveLength(10), WAIT);
    await under.admin.deleteTopics({ topics: [topic] });
    await eventually(() => under.createTopic(topic, PARTITIONS), WAIT);
    await eventually(() => expect(fail).toHaveBeenCalled(), WAIT);
    expect(String(fail.mock.calls[0]?.[0])).toMatch(/does not have the position 10|ends before the position 10/);
  });
});
