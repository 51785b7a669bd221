import { createLogger } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { messageIdParts, TICK_MS, tickOf } from './layout.ts';
import { EXTEND_CHECK_MS, INTERVAL_MS, openMessageIds, type MessageIdsOptions } from './message-ids.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const clock = { now: () => Date.now() };
const START = Date.UTC(2026, 0, 1);

type HeldNumbers = MessageIdsOptions['repository'];

/** The table, in memory, as one instance sees it. */
class Numbers implements HeldNumbers {
  nextNumber = 3;
  isDown = false;
  isLost = false;
  answersAfter: Promise<void> = Promise.resolve();
  extendCount = 0;
  readonly released: { number: number; unusedFrom: number }[] = [];

  async acquireNumber(_holder: string, ticks: number) {
    await this.answersAfter;
    this.#answer();
    if (this.nextNumber < 0) return null;
    this.isLost = false;
    return { number: this.nextNumber, from: 0, until: tickOf(Date.now()) + ticks };
  }

  async extendNumber(_number: number, _holder: string, ticks: number) {
    this.#answer();
    this.extendCount += 1;
    return this.isLost ? null : tickOf(Date.now()) + ticks;
  }

  async releaseNumber(number: number, _holder: string, unusedFrom: number) {
    this.released.push({ number, unusedFrom });
  }

  #answer(): void {
    if (this.isDown) throw new Error('down');
  }
}

let numbers: Numbers;

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  numbers = new Numbers();
});

afterEach(() => {
  vi.useRealTimers();
});

const open = async () => {
  const ids = openMessageIds({ repository: numbers, clock, logger });
  await ids.start();
  return ids;
};

describe('message ids of an instance', () => {
  it('carry the number that it acquired', async () => {
    const ids = await open();
    expect(messageIdParts(ids.next())).toEqual({ tick: tickOf(START), number: 3, sequence: 0 });
    await ids.stop();
  });

  it('are made no more while the number is given back', async () => {
    const ids = await open();
    const stopped = ids.stop();
    await Promise.resolve();
    expect(() => ids.next()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    await stopped;
  });

  it('are made for days, the interval extended long before it ends', async () => {
    const ids = await open();
    for (let hour = 0; hour < 48; hour += 1) {
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(() => ids.next()).not.toThrow();
    }
    expect(numbers.extendCount).toBeGreaterThan(48);
    expect(numbers.extendCount).toBeLessThan(1_000);
    await ids.stop();
  });

  it('are made through an outage of 50 minutes, refused past the interval, made again after it', async () => {
    const ids = await open();
    numbers.isDown = true;
    await vi.advanceTimersByTimeAsync(3_000_000);
    expect(() => ids.next()).not.toThrow();
    await vi.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(() => ids.next()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    numbers.isDown = false;
    await vi.advanceTimersByTimeAsync(EXTEND_CHECK_MS);
    expect(() => ids.next()).not.toThrow();
    await ids.stop();
  });

  it('carry another number once the first is lost, and still rise', async () => {
    const ids = await open();
    const before = ids.next();
    numbers.isLost = true;
    numbers.nextNumber = 1;
    await vi.advanceTimersByTimeAsync(INTERVAL_MS / 2);
    const after = ids.next();
    expect(messageIdParts(after).number).toBe(1);
    expect(after).toBeGreaterThan(before);
    await ids.stop();
  });

  it('give their number back at stop, with the first tick that is unused', async () => {
    const ids = await open();
    ids.next();
    await ids.stop();
    expect(numbers.released).toEqual([{ number: 3, unusedFrom: tickOf(START) + 1 }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('give their number back where the stop comes before the number', async () => {
    const gate = Promise.withResolvers<void>();
    numbers.answersAfter = gate.promise;
    const ids = openMessageIds({ repository: numbers, clock, logger });
    const started = ids.start();
    const stopped = ids.stop();
    gate.resolve();
    await Promise.all([started, stopped]);
    expect(numbers.released.map(({ number }) => number)).toEqual([3]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are not to be had where all numbers are held', async () => {
    numbers.nextNumber = -1;
    await expect(open()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'All 512 instance numbers are held.' });
  });

  it('do not run ahead of the clock by more than they must', async () => {
    const ids = await open();
    for (let count = 0; count < 1_280; count += 1) ids.next();
    expect(messageIdParts(ids.next()).tick - tickOf(Date.now())).toBe(10);
    await vi.advanceTimersByTimeAsync(11 * TICK_MS);
    expect(messageIdParts(ids.next()).tick).toBe(tickOf(Date.now()));
    await ids.stop();
  });
});
