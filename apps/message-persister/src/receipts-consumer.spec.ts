import type { DeliveredMark, ReadMark } from '@chat/database';
import { asRoomId, asUserId, type ReceiptDTO } from '@chat/dto';
import { DeadLetters, type GroupBatch } from '@chat/kafka';
import { createLogger, Registry } from '@chat/service-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { batchUnderTest } from './batch-under-test.ts';
import { MARK_WAIT_MAX_MS } from './limits.ts';
import { createPersisterMetrics } from './metrics.ts';
import { ReceiptsConsumer } from './receipts-consumer.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const [roomId, bob, carol] = [asRoomId(7), asUserId(2), asUserId(3)];
const AT = '2026-01-02T03:04:05Z';

let events: string[];
let storedUpTo: number;
let now: number;
let consumer: ReceiptsConsumer;

beforeEach(() => {
  events = [];
  storedUpTo = 10;
  now = 0;
  const write = (kind: string, marks: readonly (ReadMark & Partial<DeliveredMark>)[]) =>
    void events.push(
      `${kind} ${marks.map(({ userId, position, unbrokenFrom }) => `${userId}:${position.offset}<${unbrokenFrom}`)}`,
    );
  consumer = new ReceiptsConsumer({
    marks: {
      saveDelivered: async (marks) => write('delivered', marks),
      saveRead: async (marks) => (marks.length === 0 ? undefined : write('read', marks)),
    },
    positions: { listStoredPositions: async () => [{ partition: 0, storedUpTo }] },
    log: { epoch: 1 },
    deadLetters: new DeadLetters({
      topic: 'message-receipts',
      publisher: { publishDeadLetter: async (_source, reason) => void events.push(`dead letter: ${reason}`) },
      onSetAside: () => {},
      logger,
    }),
    metrics: createPersisterMetrics(new Registry()),
    now: () => now,
  });
});

const position = (offset: number, epoch = 1) => ({ epoch, partition: 0, offset });

function batchOf(marks: ReceiptDTO['marks'], more: readonly string[] = []): GroupBatch {
  const values = [JSON.stringify({ roomId, marks, at: AT } satisfies ReceiptDTO), ...more];
  return batchUnderTest(values, 22, (next) => void events.push(`commit ${next}`));
}

describe('ReceiptsConsumer', () => {
  it('stores marks of both kinds, then commits', async () => {
    await consumer.processBatch(
      batchOf([
        { userId: bob, kind: 'DELIVERED', position: position(5), unbrokenFrom: 2 },
        { userId: carol, kind: 'DELIVERED', position: position(6) },
        { userId: bob, kind: 'READ', position: position(4) },
      ]),
    );
    expect(events).toEqual(['delivered 2:5<2,3:6<6', 'read 2:4<undefined', 'commit 22']);
  });

  it('stores marks of one member that have a gap between them one after another', async () => {
    const markAt = (offset: number) => ({ userId: bob, kind: 'DELIVERED' as const, position: position(offset) });
    await consumer.processBatch(batchOf([markAt(5), markAt(7)]));
    expect(events).toEqual(['delivered 2:5<5', 'delivered 2:7<7', 'commit 22']);
  });

  it('stores the marks of a group like any others', async () => {
    const group = { kind: 'DELIVERED', position: position(5), userIds: [bob, carol], unbrokenFrom: [2, 4] };
    await consumer.processBatch(batchOf([], [JSON.stringify({ roomId, marks: [], groups: [group], at: AT })]));
    expect(events).toEqual(['delivered 2:5<2,3:5<4', 'commit 22']);
  });

  it('waits until everything up to a mark is stored', async () => {
    const batch = batchOf([{ userId: bob, kind: 'DELIVERED', position: position(10) }]);
    await expect(consumer.processBatch(batch)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(events).toEqual([]);
    storedUpTo = 11;
    await consumer.processBatch(batch);
    expect(events).toEqual(['delivered 2:10<10', 'commit 22']);
  });

  it('does not wait for what will never be stored: a log before, or a mark that nobody can have made', async () => {
    await consumer.processBatch(batchOf([{ userId: bob, kind: 'READ', position: position(900, 0) }]));
    expect(events).toEqual(['read 2:900<undefined', 'commit 22']);
    events.length = 0;
    const batch = batchOf([{ userId: bob, kind: 'READ', position: position(900) }]);
    await expect(consumer.processBatch(batch)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    now += MARK_WAIT_MAX_MS;
    await consumer.processBatch(batch);
    expect(events).toEqual(['dead letter: a mark lies beyond everything that was stored', 'commit 22']);
  });

  it('sets aside what is no receipt, and stores the others', async () => {
    const read = { userId: bob, kind: 'READ' as const, position: position(4) };
    await consumer.processBatch(batchOf([read], ['{"roomId":7}']));
    expect(events[0]).toBe('read 2:4<undefined');
    expect(events[1]).toMatch(/^dead letter: /);
    expect(events[2]).toBe('commit 22');
  });
});
