import type { PersistedMessageRepository } from '@chat/database';
import { AnotherLogError, DeadLetters, type GroupBatch } from '@chat/kafka';
import { ChatError, createLogger, Registry, systemClock } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { ChatMessagesConsumer } from './chat-messages-consumer.ts';
import { createPersisterMetrics } from './metrics.ts';
import { ProgressPublisher } from './progress-publisher.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });

/** A consumer whose parts write down what happens to them, in order. */
function set(store: Partial<PersistedMessageRepository>, deadLetterError?: Error) {
  const events: string[] = [];
  const publisher = {
    publishDeadLetter: async () => {
      if (deadLetterError !== undefined) throw deadLetterError;
      events.push('dead letter');
    },
    publish: async (_topic: string, _key: unknown, value: unknown) => {
      events.push(`progress ${(value as { next: number }).next}`); // the only topic that it publishes to
      return { topic: 'persister-progress', partition: 0, offset: 0 } as const;
    },
  };
  const registry = new Registry();
  const metrics = createPersisterMetrics(registry);
  const messages: PersistedMessageRepository = {
    listPositions: () => Promise.reject(new Error('not asked for')),
    findPosition: async () => ({ next: 0, last: null }),
    openPosition: async (_epoch, _partition, start) => ({ next: start, last: null }),
    saveBatch: async ({ expected, next, last, rows }) => {
      events.push(`store ${expected}-${next} after ${last?.offset}`);
      return rows.length;
    },
    ...store,
  };
  const consumer = new ChatMessagesConsumer({
    messages,
    log: { epoch: 1, partitionCount: 1 },
    deadLetters: new DeadLetters({ topic: 'chat-messages', publisher, onSetAside: () => {}, logger }),
    progress: new ProgressPublisher({ publisher, clock: systemClock, source: 'spec' }),
    clock: systemClock,
    metrics,
    tracing: null,
    logger,
  });
  const batch: GroupBatch = {
    partition: 0,
    fetchedOffset: 10,
    nextOffset: 12,
    highWatermark: 12,
    records: [{ offset: 11, timestamp: 0, key: null, value: Buffer.from('broken') }],
    heartbeat: async () => {},
    isStale: () => false,
    seek: (offset) => void events.push(`seek ${offset}`),
    commit: async (next) => void events.push(`commit ${next}`),
  };
  return { consumer, batch, events, shown: (name: string) => registry.getSingleMetricAsString(name) };
}

describe('ChatMessagesConsumer', () => {
  it('sets aside, then moves the position, then commits, then tells', async () => {
    const { consumer, batch, events } = set({});
    await consumer.processBatch(batch);
    expect(events).toEqual(['dead letter', 'store 10-12 after 11', 'commit 12', 'progress 12']);
  });

  it('drops a batch that does not begin at the stored position, counts it, seeks there and tells it', async () => {
    const { consumer, batch, events, shown } = set({
      saveBatch: async () => null,
      findPosition: async () => ({ next: 42, last: null }),
    });
    await consumer.processBatch(batch);
    expect(events).toEqual(['dead letter', 'seek 42', 'progress 42']);
    expect(await shown('chat_persister_fenced_batches_total')).toContain('chat_persister_fenced_batches_total 1');
  });

  it('stores and commits nothing while a dead letter cannot be published', async () => {
    const { consumer, batch, events } = set({}, new ChatError('UNAVAILABLE'));
    await expect(consumer.processBatch(batch)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(events).toEqual([]);
  });

  it('commits nothing while Postgres does not answer', async () => {
    const { consumer, batch, events } = set({ saveBatch: () => Promise.reject(new ChatError('UNAVAILABLE')) });
    await expect(consumer.processBatch(batch)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(events).toEqual(['dead letter']);
  });

  it.each([
    ['it is gone', null],
    ['it has not moved', { next: 10, last: null }],
  ])('ends where the position refuses a batch and %s: the epoch was closed', async (_, position) => {
    const { consumer, batch, events } = set({ saveBatch: async () => null, findPosition: async () => position });
    await expect(consumer.processBatch(batch)).rejects.toThrow(new AnotherLogError(0, 'log epoch 1 was closed'));
    expect(events).toEqual(['dead letter']);
  });

  it('begins a partition at its stored position, at first sight at the start of its log', async () => {
    const { consumer, events } = set({});
    expect(await consumer.startAt(0, { start: 3, end: 9 })).toEqual({ next: 3, last: null });
    expect(events).toEqual([]);
  });

  it('tells the position once the partition is known to go on there', async () => {
    const { consumer, events } = set({});
    await consumer.placed(0, 3);
    expect(events).toEqual(['progress 3']);
  });

  it('takes no partition over that was added, nor one of a closed epoch', async () => {
    const range = { start: 0, end: 9 };
    await expect(set({}).consumer.startAt(1, range)).rejects.toThrow(
      'partition 1 was added: log epoch 1 was opened with 1',
    );
    const closed = set({ openPosition: async () => null });
    await expect(closed.consumer.startAt(0, range)).rejects.toThrow('log epoch 1 was closed');
  });
});
