import { asRoomId, asUserId, type ReceiptDTO } from '@chat/dto';
import { createLogger, createMetricsRegistry } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MARK_FLUSH_MS, MARKS_PER_RECORD } from '../limits.ts';
import { createGatewayMetrics } from '../metrics.ts';
import type { DeliveryMark } from './delivery-marks.ts';
import { ReceiptsPublisher } from './receipts-publisher.ts';

const [lobby, hall] = [asRoomId(7), asRoomId(8)];
const markOf = (userId: number, roomId = lobby): DeliveryMark => ({
  ...{ roomId, userId: asUserId(userId), upTo: 12, unbrokenFrom: 10 },
});

let due: DeliveryMark[];
let told: ReceiptDTO[];
let epoch: number;
let isDown: boolean;
let publisher: ReceiptsPublisher;

beforeEach(async () => {
  vi.useFakeTimers();
  due = [];
  told = [];
  epoch = 3;
  isDown = false;
  publisher = new ReceiptsPublisher({
    marks: {
      get isPending() {
        return due.length > 0;
      },
      collect: () => due.splice(0),
    },
    publish: async (receipt) => {
      if (isDown) throw new Error('Kafka does not answer');
      told.push(receipt);
    },
    findEpoch: async () => epoch,
    partitionOf: (roomId) => roomId * 10,
    clock: { now: () => 0 },
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
    logger: createLogger('test', { level: 'silent', instanceId: 'test' }),
  });
  await publisher.start();
});
afterEach(() => void vi.useRealTimers());

const flush = () => vi.advanceTimersByTimeAsync(MARK_FLUSH_MS);

describe('ReceiptsPublisher', () => {
  it('tells all marks of a room together, as positions of the open log', async () => {
    due = [markOf(2), markOf(3), markOf(2, hall)];
    await flush();
    expect(told.map(({ roomId, marks }) => [roomId, marks.map(({ userId }) => userId)])).toEqual([
      [lobby, [2, 3]],
      [hall, [2]],
    ]);
    expect(told[0]?.marks[0]).toEqual({
      userId: 2,
      kind: 'DELIVERED',
      position: { epoch: 3, partition: 70, offset: 12 },
      unbrokenFrom: 10,
    });
  });

  it('keeps what cannot be told, for the next time', async () => {
    isDown = true;
    due = [markOf(2)];
    await flush();
    isDown = false;
    await flush();
    expect(told.map(({ marks }) => marks.length)).toEqual([1]);
  });

  it('waits for a log to be opened', async () => {
    epoch = 0;
    due = [markOf(2)];
    await flush();
    expect(told).toEqual([]);
    epoch = 1;
    await flush();
    expect(told[0]?.marks[0]?.position.epoch).toBe(1);
  });

  it('divides what one record cannot carry', async () => {
    due = Array.from({ length: MARKS_PER_RECORD + 1 }, (_, n) => markOf(n + 1));
    await flush();
    expect(told.map(({ marks }) => marks.length)).toEqual([MARKS_PER_RECORD, 1]);
  });

  it('tells what is left at stop', async () => {
    due = [markOf(2)];
    await publisher.stop();
    expect(told).toHaveLength(1);
  });
});
