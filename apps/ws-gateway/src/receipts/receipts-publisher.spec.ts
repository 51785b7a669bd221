import { asRoomId, asUserId, type ReceiptDTO } from '@chat/dto';
import { createLogger, Registry } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MARK_FLUSH_MS, MARK_SLOTS, MARKS_WAITING_MAX } from '../limits.ts';
import { createGatewayMetrics } from '../metrics.ts';
import type { RoomMarks } from './delivery-marks.ts';
import { ReceiptsPublisher } from './receipts-publisher.ts';

const [lobby, hall] = [asRoomId(7), asRoomId(8)];
const marksOf = (roomId = lobby, ...userIds: number[]): RoomMarks => ({
  roomId,
  groups: [{ upTo: 12, userIds: userIds.map(asUserId), unbrokenFrom: userIds.map(() => 10) }],
});

/** By slot. */
let due: RoomMarks[][];
let told: ReceiptDTO[];
let epoch: number;
let isDown: boolean;
let publisher: ReceiptsPublisher;
let registry: Registry;

beforeEach(async () => {
  vi.useFakeTimers();
  due = Array.from({ length: MARK_SLOTS }, () => []);
  told = [];
  epoch = 3;
  isDown = false;
  registry = new Registry();
  publisher = new ReceiptsPublisher({
    marks: {
      get isPending() {
        return due.some((marks) => marks.length > 0);
      },
      collect: (slot) => due[slot]?.splice(0) ?? [],
      collectAll: () => due.flatMap((marks) => marks.splice(0)),
    },
    publish: async (receipt) => {
      if (isDown) throw new Error('Kafka does not answer');
      told.push(receipt);
    },
    findEpoch: async () => epoch,
    partitionOf: (roomId) => roomId * 10,
    clock: { now: () => 0 },
    metrics: createGatewayMetrics(registry),
    logger: createLogger('test', { level: 'silent', instanceId: 'test' }),
  });
  await publisher.start();
});
afterEach(() => void vi.useRealTimers());

const flush = () => vi.advanceTimersByTimeAsync(MARK_FLUSH_MS);

function toTell(marks: RoomMarks, slot = 3): void {
  due[slot]?.push(marks);
  publisher.wake();
}

describe('ReceiptsPublisher', () => {
  it('tells the marks of a room together, as positions of the open log', async () => {
    toTell(marksOf(lobby, 2, 3));
    toTell(marksOf(hall, 2));
    await flush();
    const position = { epoch: 3, partition: 70, offset: 12 };
    expect(told).toMatchObject([
      { roomId: lobby, marks: [], groups: [{ kind: 'DELIVERED', position, userIds: [2, 3], unbrokenFrom: [10, 10] }] },
      { roomId: hall, marks: [{ kind: 'DELIVERED', position: { partition: 80 }, userId: 2, unbrokenFrom: 10 }] },
    ]);
  });

  it('gives each room a turn of its own in a second', async () => {
    for (let slot = 0; slot < MARK_SLOTS; slot += 1) toTell(marksOf(lobby, 2), slot);
    const counts: number[] = [];
    for (let slot = 0; slot < MARK_SLOTS; slot += 1) {
      const before = told.length;
      await vi.advanceTimersByTimeAsync(MARK_FLUSH_MS / MARK_SLOTS);
      counts.push(told.length - before);
    }
    expect(counts).toEqual(counts.map(() => 1));
  });

  it('sleeps while there is nothing to tell', async () => {
    toTell(marksOf(lobby, 2));
    await flush();
    await flush();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps what cannot be told, for the next time', async () => {
    isDown = true;
    toTell(marksOf(lobby, 2));
    await flush();
    isDown = false;
    await flush();
    expect(told.map(({ marks }) => marks.length)).toEqual([1]);
  });

  it('leaves out what is more than may wait, and counts it', async () => {
    isDown = true;
    toTell(marksOf(lobby, 2));
    toTell(marksOf(hall, ...Array.from({ length: MARKS_WAITING_MAX }, (_, at) => at + 1)));
    await flush();
    isDown = false;
    await flush();
    expect(told.map(({ roomId }) => roomId)).toEqual([lobby]);
    const shown = await registry.getSingleMetricAsString('chat_gateway_dropped_marks_total');
    expect(shown).toContain(`chat_gateway_dropped_marks_total ${MARKS_WAITING_MAX}`);
  });

  it('waits for a log to be opened', async () => {
    epoch = 0;
    toTell(marksOf(lobby, 2));
    await flush();
    expect(told).toEqual([]);
    epoch = 1;
    await flush();
    expect(told[0]?.marks[0]?.position.epoch).toBe(1);
  });

  it('tells what is left at stop', async () => {
    toTell(marksOf(lobby, 2));
    await publisher.stop();
    expect(told).toHaveLength(1);
  });
});
