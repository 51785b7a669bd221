import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Transaction } from './transaction.ts';

const onReady = vi.fn();
let transaction: Transaction;
let isReleased: boolean[];

/** A transaction over two lanes, of which so many have come to it. */
function comeTo(laneCount: number): void {
  for (let lane = 0; lane < laneCount; lane += 1) {
    isReleased[lane] = false;
    void transaction.take().then(() => (isReleased[lane] = true));
  }
}

beforeEach(() => {
  const parts = [0, 1].map((partition) => ({ partition, records: [], bytes: 0, places: [] }));
  onReady.mockReset();
  transaction = new Transaction({ topic: 'topic', parts, expiresAt: 0, onReady });
  isReleased = [];
});

describe('a transaction', () => {
  it('is ready when its last lane has come to it, and holds all until they are released', async () => {
    comeTo(1);
    expect(onReady).not.toHaveBeenCalled();
    comeTo(1);
    expect(onReady).toHaveBeenCalledExactlyOnceWith(transaction);
    expect(isReleased).toEqual([false]);
    transaction.release();
    await vi.waitFor(() => expect(isReleased).toEqual([true]));
  });

  it('holds no lane once it is given up before it has begun, and never begins', async () => {
    comeTo(1);
    transaction.giveUp();
    await expect(transaction.answer).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    comeTo(2);
    await vi.waitFor(() => expect(isReleased).toEqual([true, true]));
    expect(onReady).not.toHaveBeenCalled();
    expect(transaction.begin()).toBe(false);
  });

  it('holds its lanes although it is given up once it has begun, and is never committed', async () => {
    comeTo(2);
    expect(transaction.begin()).toBe(true);
    transaction.giveUp();
    await expect(transaction.answer).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect([transaction.givenUp.aborted, transaction.beginCommit()]).toEqual([true, false]);
    expect(isReleased).toEqual([false, false]);
  });

  it('is of unknown outcome where it is given up once its commit has begun', async () => {
    comeTo(2);
    expect([transaction.begin(), transaction.beginCommit()]).toEqual([true, true]);
    transaction.giveUp();
    await expect(transaction.answer).rejects.toMatchObject({ code: 'UNKNOWN' });
  });
});
