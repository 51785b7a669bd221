import { ChatError, createLogger, Registry } from '@chat/service-kit';
import { eventually, kafkaUnderTest, type KafkaUnderTest } from '@chat/testing';
import type { Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { KafkaClient } from './client.ts';
import { GroupConsumer, type GroupConsumerOptions } from './group-consumer.ts';
import type { GroupBatch } from './handed-batch.ts';
import { createConsumerMetrics } from './kafka-metrics.ts';
import { markOf } from './stored-position.ts';

const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });
const TOPIC = 'session-events';
const PARTITIONS = 2;
const WAIT = { deadlineMs: 20_000 };

const valuesOf = (batch: GroupBatch) => batch.records.map(({ value }) => String(value));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

describe('a consumer in a group', () => {
  let under: KafkaUnderTest;
  let producer: Producer;
  let topicPrefix: string;
  let topic: string;
  let groupId: string;
  let made = 0;
  let consumers: GroupConsumer[] = [];

  beforeAll(async () => {
    under = await kafkaUnderTest();
    producer = under.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
  });
  beforeEach(async () => {
    topicPrefix = `${under.topicPrefix}${(made += 1)}.`;
    topic = `${topicPrefix}${TOPIC}`;
    groupId = 'group';
    await under.createTopic(topic, PARTITIONS);
  });
  afterEach(async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    consumers = [];
  });
  afterAll(async () => {
    await producer.disconnect();
    await under.cleanUp();
  });

  function consumerOf(onBatch: GroupConsumerOptions['onBatch'], over: Partial<GroupConsumerOptions> = {}) {
    const client = new KafkaClient({ brokers: under.brokers, clientId: 'spec', topicPrefix, logger });
    const fail = vi.fn();
    const consumer = new GroupConsumer({ client, groupId, topic: TOPIC, onBatch, fail, logger, ...over });
    consumers.push(consumer);
    return { consumer, fail };
  }

  const send = (values: readonly string[], partition = 0) =>
    producer.send({ topic, messages: values.map((value) => ({ value, partition })) });

  async function committed(): Promise<number[]> {
    const [answer] = await under.admin.fetchOffsets({ groupId: `${topicPrefix}${groupId}`, topics: [topic] });
    return (answer?.partitions ?? []).sort((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset));
  }

  async function transact(values: readonly string[], end: 'commit' | 'abort'): Promise<void> {
    const transactional = under.kafka.producer({
      transactionalId: `${topicPrefix}tx`,
      maxInFlightRequests: 1,
      idempotent: true,
    });
    await transactional.connect();
    const transaction = await transactional.transaction();
    await transaction.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });
    await transaction[end]();
    await transactional.disconnect();
  }

  it('reads from the start of the log where nothing was committed, and commits only when told', async () => {
    await send(range(0, 10));
    const seen: string[] = [];
    const { consumer } = consumerOf(async (batch) => {
      seen.push(...valuesOf(batch));
      if (batch.nextOffset >= 20) await batch.commit(batch.nextOffset);
    });
    await consumer.start();
    await eventually(() => expect(seen).toEqual(range(0, 10)), WAIT);
    expect((await committed())[0]).toBe(-1);
    await send(range(10, 20));
    await eventually(async () => expect((await committed())[0]).toBe(20), WAIT);
    expect(seen).toEqual(range(0, 20));
  });

  it('goes on from what was committed', async () => {
    await send(range(0, 10));
    const first = consumerOf(async (batch) => batch.commit(4));
    await first.consumer.start();
    await eventually(async () => expect((await committed())[0]).toBe(4), WAIT);
    await first.consumer.stop();
    const seen: string[] = [];
    const second = consumerOf(async (batch) => void seen.push(...valuesOf(batch)));
    await second.consumer.start();
    await eventually(() => expect(seen).toEqual(range(4, 10)), WAIT);
  });

  it('hands a batch over again, from the same offset, until it succeeds; other partitions go on', async () => {
    const attempts: string[][] = [];
    const others: string[] = [];
    const registry = new Registry();
    const onBatch = async (batch: GroupBatch) => {
      if (batch.partition === 1) return void others.push(...valuesOf(batch));
      attempts.push(valuesOf(batch));
      if (attempts.length < 4) throw new Error('not yet');
      await batch.commit(batch.nextOffset);
    };
    const { consumer, fail } = consumerOf(onBatch, { observer: createConsumerMetrics(registry) });
    await consumer.start();
    await send(['a', 'b'], 0);
    await eventually(() => expect(attempts).toHaveLength(1), WAIT);
    await send(['elsewhere'], 1);
    await eventually(() => expect(others).toEqual(['elsewhere']), WAIT);
    await eventually(() => expect(attempts).toHaveLength(4), WAIT);
    expect(attempts).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    await eventually(async () => expect((await committed())[0]).toBe(2), WAIT);
    const shown = await registry.getSingleMetricAsString('chat_kafka_failed_batches_total');
    expect(shown).toContain('chat_kafka_failed_batches_total{topic="session-events"} 3');
    expect(fail).not.toHaveBeenCalled();
  });

  it('ends the process when a batch fails for longer than its budget', async () => {
    const { consumer, fail } = consumerOf(() => Promise.reject(new Error('a bug')), { failureBudgetMs: 500 });
    await consumer.start();
    await send(['a']);
    await eventually(() => expect(fail).toHaveBeenCalled(), WAIT);
    expect(fail.mock.calls[0]).toMatchObject([`records of ${topic}/0 could not be processed`, { message: 'a bug' }]);
    expect((await committed())[0]).toBe(-1);
  });

  it('waits beyond any budget while a part is down, and that is no standing still', async () => {
    let attempts = 0;
    const { consumer, fail } = consumerOf(
      () => {
        attempts += 1;
        return attempts < 6 ? Promise.reject(new ChatError('UNAVAILABLE')) : Promise.resolve();
      },
      { failureBudgetMs: 1, progressDeadlineMs: 1_200 },
    );
    await consumer.start();
    await send(['a']);
    await eventually(() => expect(attempts).toBe(6), WAIT);
    expect(fail).not.toHaveBeenCalled();
  });

  it('reads from where it is told, not from what was committed', async () => {
    await send(range(0, 10), 0);
    await send(range(0, 10), 1);
    const seen: string[] = [];
    const { consumer } = consumerOf(
      async (batch) => void seen.push(...valuesOf(batch).map((value) => `${batch.partition}:${value}`)),
      { startAt: (partition) => Promise.resolve(partition === 0 ? { next: 7, last: null } : null) },
    );
    await consumer.start();
    await eventually(() => expect(seen).toHaveLength(13), WAIT);
    expect(seen.filter((value) => value.startsWith('0:'))).toEqual(['0:7', '0:8', '0:9']);
  });

  it('ends the process when it is told a position that the log does not have', async () => {
    await send(range(0, 3), 0);
    const { consumer, fail } = consumerOf(() => Promise.resolve(), {
      startAt: () => Promise.resolve({ next: 4, last: null }),
    });
    await consumer.start();
    await eventually(() => expect(fail).toHaveBeenCalled(), WAIT);
    expect(fail.mock.calls[0]?.[0]).toMatch(
      /position 4 of partition [01] is outside the log, which goes from 0 to [03]/,
    );
  });

  /** The mark of a record as `send` makes it. */
  const mark = (offset: number, value: string) => markOf({ offset, key: null, value: Buffer.from(value) });
  const makeAnew = async () => {
    await under.admin.deleteTopics({ topics: [topic] });
    await eventually(() => under.createTopic(topic, PARTITIONS), WAIT);
  };

  it('goes on behind the last record when that is still where it was', async () => {
    await send(range(0, 10));
    const batches: Array<[number, string[]]> = [];
    const { consumer, fail } = consumerOf(async (batch) => void batches.push([batch.fetchedOffset, valuesOf(batch)]), {
      startAt: async (partition) => (partition === 0 ? { next: 7, last: mark(5, '5') } : null),
    });
    await consumer.start();
    await eventually(() => expect(batches).toEqual([[7, ['7', '8', '9']]]), WAIT);
    expect(fail).not.toHaveBeenCalled();
  });

  it('waits at a position that nothing follows, once its last record is found', async () => {
    await send(range(0, 3));
    const seen: string[] = [];
    const { consumer, fail } = consumerOf(async (batch) => void seen.push(...valuesOf(batch)), {
      startAt: async (partition) => (partition === 0 ? { next: 3, last: mark(2, '2') } : null),
      progressDeadlineMs: 1_200,
    });
    await consumer.start();
    await send(['elsewhere'], 1);
    await eventually(() => expect(seen).toEqual(['elsewhere']), WAIT);
    await send(['next']);
    await eventually(() => expect(seen).toEqual(['elsewhere', 'next']), WAIT);
    expect(fail).not.toHaveBeenCalled();
  });

  it('ends the process, having handed nothing over, when another record lies where its last one was', async () => {
    await send(range(0, 10));
    const onBatch = vi.fn();
    const { consumer, fail } = consumerOf(onBatch, {
      startAt: async (partition) => (partition === 0 ? { next: 7, last: mark(6, 'of another log') } : null),
    });
    await consumer.start();
    await eventually(() => expect(fail).toHaveBeenCalled(), WAIT);
    expect(fail.mock.calls[0]?.[0]).toMatch(/partition 0 has another record at offset 6/);
    expect(onBatch).not.toHaveBeenCalled();
  });

  it('ends the process when nothing but a marker lies where its last record was', async () => {
    await transact(['a'], 'commit');
    const end = async () => (await under.admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 0)?.high;
    await eventually(async () => expect(await end()).toBe('2'), WAIT); // the marker comes after the answer
    await send(range(0, 3));
    const { consumer, fail } = consumerOf(() => Promise.resolve(), {
      startAt: async (partition) => (partition === 0 ? { next: 2, last: mark(1, 'b') } : null),
    });
    await consumer.start();
    await eventually(() => expect(fail).toHaveBeenCalled(), WAIT);
    expect(fail.mock.calls[0]?.[0]).toMatch(/partition 0 has no record at offset 1/);
  });

  it('does without proof once retention has taken the last record and no more', async () => {
    await send(range(0, 10));
    await under.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '7' }] });
    const seen: string[] = [];
    const { consumer, fail } = consumerOf(async (batch) => void seen.push(...valuesOf(batch)), {
      startAt: async (partition) => (partition === 0 ? { next: 7, last: mark(6, '6') } : null),
    });
    await consumer.start();
    await eventually(() => expect(seen).toEqual(['7', '8', '9']), WAIT);
    expect(fail).not.toHaveBeenCalled();
  });

  it('ends the process when the topic was made anew and has grown beyond the position, also while it rested', async () => {
    await send(range(0, 5));
    const seen: string[] = [];
    let isDown = false;
    const { consumer, fail } = consumerOf(
      async (batch) => {
        if (isDown) throw new ChatError('UNAVAILABLE');
        seen.push(...valuesOf(batch));
      },
      { startAt: async (partition) => (partition === 0 ? { next: 0, last: null } : null) },
    );
    await consumer.start();
    await eventually(() => expect(seen).toHaveLength(5), WAIT);
    isDown = true;
    await send(['never']);
    await makeAnew();
    await send(range(100, 120));
    isDown = false;
    await eventually(() => expect(fail).toHaveBeenCalled(), WAIT);
    expect(seen).toEqual(range(0, 5));
    expect(fail.mock.calls[0]?.[0]).toMatch(/partition 0 has another record at offset 4/);
  });

  it('ends the process when a broker does not have the position, instead of reading from elsewhere', async () => {
    await send(range(0, 5));
    const onBatch = vi.fn(async (batch: GroupBatch) => batch.seek(99));
    const { consumer, fail } = consumerOf(onBatch, { progressDeadlineMs: 60_000 });
    await consumer.start();
    await eventually(() => expect(fail).toHaveBeenCalled(), WAIT);
    expect(fail.mock.calls[0]?.[0]).toMatch(/the log of .*session-events\/0 does not have the position 99/);
    expect(onBatch).toHaveBeenCalledOnce();
  });

  it('goes to the offset that a batch seeks to, and resolves nothing', async () => {
    await send(range(0, 5));
    const batches: Array<[number, string[]]> = [];
    const { consumer } = consumerOf(async (batch) => {
      batches.push([batch.fetchedOffset, valuesOf(batch)]);
      if (batches.length === 1) batch.seek(3);
      if (batches.length === 2) {
        batch.seek(1);
        throw new Error('and fails besides');
      }
    });
    await consumer.start();
    await eventually(() => expect(batches).toHaveLength(3), WAIT);
    expect(batches).toEqual([
      [0, ['0', '1', '2', '3', '4']],
      [3, ['3', '4']],
      [1, ['1', '2', '3', '4']],
    ]);
  });

  it('begins each batch exactly where the one before ended, markers and aborted records notwithstanding', async () => {
    const batches: Array<{ from: number; next: number; values: string[] }> = [];
    const { consumer, fail } = consumerOf(
      async (batch) =>
        void batches.push({ from: batch.fetchedOffset, next: batch.nextOffset, values: valuesOf(batch) }),
    );
    await consumer.start();
    const seen = () => batches.flatMap(({ values }) => values);
    await transact(['a'], 'commit');
    await eventually(() => expect(seen()).toEqual(['a']), WAIT);
    await transact(['never'], 'abort');
    await transact(['never'], 'abort');
    await send(['b']);
    await eventually(() => expect(seen()).toEqual(['a', 'b']), WAIT);
    await transact(['c', 'd'], 'commit');
    await send(['e']);
    await eventually(() => expect(seen()).toEqual(['a', 'b', 'c', 'd', 'e']), WAIT);
    let expected = 0;
    for (const { from, next } of batches) {
      expect(from).toBe(expected);
      expected = next;
    }
    expect(fail).not.toHaveBeenCalled();
  });

  it('ends the process when a batch gets nowhere, and not when nothing but markers lies behind the last record', async () => {
    await send(['a'], 0);
    const seen: string[] = [];
    const content = consumerOf(async (batch) => void seen.push(...valuesOf(batch)), { progressDeadlineMs: 1_200 });
    await content.consumer.start();
    await eventually(() => expect(seen).toEqual(['a']), WAIT);
    await transact(['never'], 'abort');
    const hung = Promise.withResolvers<void>();
    const stuck = consumerOf(() => hung.promise, { progressDeadlineMs: 1_200, groupId: `${groupId}-stuck` });
    await stuck.consumer.start();
    await eventually(() => expect(stuck.fail).toHaveBeenCalled(), WAIT);
    hung.resolve();
    expect(stuck.fail.mock.calls[0]?.[0]).toMatch(/has stood still at 0 although the log goes to/);
    expect(content.fail).not.toHaveBeenCalled();
  });

  it('loads positions anew when the group changes, tells what it holds, and loses nothing', async () => {
    const seen = new Map<string, number>();
    const told: string[] = [];
    const onBatch: GroupConsumerOptions['onBatch'] = async (batch) => {
      for (const value of valuesOf(batch)) seen.set(value, (seen.get(value) ?? 0) + 1);
      await batch.commit(batch.nextOffset);
    };
    const first = consumerOf(onBatch, {
      onAssigned: (partitions) => void told.push(`+${[...partitions].sort().join()}`),
      onRevoked: (partitions) => void told.push(`-${[...partitions].sort().join()}`),
    });
    await first.consumer.start();
    await eventually(() => expect(told).toEqual(['+0,1']), WAIT);
    const sending = (async () => {
      for (let n = 0; n < 200; n += 1) await send([String(n)], n % PARTITIONS);
    })();
    const second = consumerOf(onBatch);
    await second.consumer.start();
    await eventually(() => expect(second.consumer.partitions).toHaveLength(1), WAIT);
    await eventually(() => expect(first.consumer.partitions).toHaveLength(1), WAIT);
    await first.consumer.stop();
    await sending;
    await eventually(() => expect(seen.size).toBe(200), WAIT);
    await eventually(() => expect(second.consumer.partitions).toHaveLength(2), WAIT);
    expect(told[0]).toBe('+0,1');
    expect(told[1]).toBe('-0,1');
    expect(told.at(-1)).toMatch(/^-[01]$/);
    expect(first.fail).not.toHaveBeenCalled();
    expect(second.fail).not.toHaveBeenCalled();
  });

  it('reads nothing of a partition before it has told that it holds it', async () => {
    await send(['a']);
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const { consumer } = consumerOf(async () => void order.push('batch'), {
      onAssigned: async () => {
        await gate.promise;
        order.push('assigned');
      },
    });
    await consumer.start();
    await send(['b']);
    expect(order).toEqual([]);
    gate.resolve();
    await eventually(() => expect(order.slice(0, 2)).toEqual(['assigned', 'batch']), WAIT);
  });
});
