import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordQueue, type QueueEntry, type QueueLimits } from './record-queue.ts';

interface Numbered extends QueueEntry {
  readonly number: number;
}

const LIMITS: QueueLimits = { maxRecords: 8, maxBytes: 80, batchMaxRecords: 3, batchMaxBytes: 30 };
const entry = (number: number, over: Partial<Numbered> = {}): Numbered => ({
  number,
  recordCount: 1,
  bytes: 10,
  expiresAt: Infinity,
  ...over,
});
const numbers = (entries: readonly Numbered[]) => entries.map(({ number }) => number);

describe('the queue of a partition', () => {
  it('hands records over in the order in which they came, as many as fit a batch', () => {
    const queue = new RecordQueue<Numbered>(LIMITS);
    for (let n = 1; n <= 5; n += 1) queue.offer(entry(n));
    expect(numbers(queue.takeBatch(0).batch)).toEqual([1, 2, 3]);
    expect(numbers(queue.takeBatch(0).batch)).toEqual([4, 5]);
    expect(numbers(queue.takeBatch(0).batch)).toEqual([]);
  });

  it('ends a batch before the record that would make it too large', () => {
    const queue = new RecordQueue<Numbered>(LIMITS);
    for (const [n, bytes] of [15, 10, 10].entries()) queue.offer(entry(n, { bytes }));
    expect(numbers(queue.takeBatch(0).batch)).toEqual([0, 1]);
  });

  it('lets a record that is larger than a batch pass alone', () => {
    const queue = new RecordQueue<Numbered>(LIMITS);
    queue.offer(entry(1, { bytes: 50 }));
    queue.offer(entry(2));
    expect(numbers(queue.takeBatch(0).batch)).toEqual([1]);
    expect(numbers(queue.takeBatch(0).batch)).toEqual([2]);
  });

  it('never splits records that are published together', () => {
    const queue = new RecordQueue<Numbered>(LIMITS);
    queue.offer(entry(1, { recordCount: 2 }));
    queue.offer(entry(2, { recordCount: 2 }));
    expect(numbers(queue.takeBatch(0).batch)).toEqual([1]);
  });

  it('gives an entry that stands alone a batch of its own', () => {
    const queue = new RecordQueue<Numbered>(LIMITS);
    queue.offer(entry(1));
    queue.offer(entry(2, { isAlone: true }));
    queue.offer(entry(3, { isAlone: true }));
    queue.offer(entry(4));
    queue.offer(entry(5));
    const batches = Array.from({ length: 4 }, () => numbers(queue.takeBatch(0).batch));
    expect(batches).toEqual([[1], [2], [3], [4, 5]]);
  });

  it.each([
    ['records', { recordCount: 9, bytes: 1 }],
    ['bytes', { recordCount: 1, bytes: 81 }],
  ])('refuses what goes beyond its bound of %s', (_bound, size) => {
    const queue = new RecordQueue<Numbered>(LIMITS);
    expect(queue.offer(entry(1))).toBe(true);
    expect(queue.offer(entry(2, size))).toBe(false);
    expect(queue.recordCount).toBe(1);
  });

  it('takes again once a batch has left', () => {
    const queue = new RecordQueue<Numbered>(LIMITS);
    for (let n = 1; n <= 8; n += 1) queue.offer(entry(n));
    expect(queue.offer(entry(9))).toBe(false);
    queue.takeBatch(0);
    expect(queue.offer(entry(9))).toBe(true);
  });

  it('sets expired records apart instead of sending them', () => {
    const queue = new RecordQueue<Numbered>(LIMITS);
    queue.offer(entry(1, { expiresAt: 5 }));
    queue.offer(entry(2, { expiresAt: 6 }));
    expect(queue.nextExpiry).toBe(5);
    const { batch, expired } = queue.takeBatch(5);
    expect([numbers(expired), numbers(batch)]).toEqual([[1], [2]]);
  });

  it('behaves as a plain list would, whatever is done with it', () => {
    const command = fc.oneof(
      fc.record({
        kind: fc.constant('offer' as const),
        bytes: fc.integer({ min: 1, max: 40 }),
        records: fc.integer({ min: 1, max: 4 }),
        isAlone: fc.boolean(),
      }),
      fc.constant({ kind: 'batch' as const }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 10 }) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const queue = new RecordQueue<Numbered>(LIMITS);
        const model: Numbered[] = [];
        let now = 0;
        let number = 0;
        for (const step of commands) {
          if (step.kind === 'wait') now += step.ms;
          if (step.kind === 'offer') {
            const { bytes, records: recordCount, isAlone } = step;
            const offered = entry((number += 1), { bytes, recordCount, isAlone, expiresAt: now + 20 });
            const fits =
              model.length === 0 ||
              (sum(model, 'recordCount') + step.records <= LIMITS.maxRecords &&
                sum(model, 'bytes') + step.bytes <= LIMITS.maxBytes);
            expect(queue.offer(offered)).toBe(fits);
            if (fits) model.push(offered);
          }
          if (step.kind === 'batch') {
            const { batch, expired } = queue.takeBatch(now);
            expect(numbers(expired)).toEqual(numbers(model.splice(0, model.filter((e) => e.expiresAt <= now).length)));
            expect(numbers(batch)).toEqual(numbers(model.splice(0, batch.length)));
            expect(batch.length === 0).toBe(batch.length + model.length === 0);
            if (batch.length > 1) {
              expect(batch.some(({ isAlone }) => isAlone)).toBe(false);
              expect(sum(batch, 'recordCount')).toBeLessThanOrEqual(LIMITS.batchMaxRecords);
              expect(sum(batch, 'bytes')).toBeLessThanOrEqual(LIMITS.batchMaxBytes);
            }
          }
          expect(queue.recordCount).toBe(sum(model, 'recordCount'));
          expect(queue.bytes).toBe(sum(model, 'bytes'));
        }
      }),
    );
  });
});

function sum(entries: readonly Numbered[], field: 'recordCount' | 'bytes'): number {
  return entries.reduce((total, one) => total + one[field], 0);
}
