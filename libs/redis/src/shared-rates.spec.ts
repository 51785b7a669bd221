import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RATE_WINDOW_MS, SharedRates, type ShareCounts } from './shared-rates.ts';

/** All instances of one system with a clock and counters that they share. */
function scene() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const startedAt = Date.now();
  const now = () => Date.now() - startedAt;
  const counters = new Map<string, { total: number; endsAt: number }>();
  const shared = { isUp: true, calls: 0 };
  const share: ShareCounts = async (counts, windowMs) => {
    shared.calls += 1;
    if (!shared.isUp) throw new Error('away');
    return counts.map(({ limit, key, count }) => {
      const name = `${limit}:${key}`;
      let counter = counters.get(name);
      if (counter === undefined || counter.endsAt <= now()) counter = { total: 0, endsAt: now() + windowMs };
      counter.total += count;
      counters.set(name, counter);
      return { total: counter.total, leftMs: counter.endsAt - now() };
    });
  };
  const instance = (maxKeys?: number) => {
    const rates = new SharedRates({ share, now, ...(maxKeys !== undefined && { maxKeys }) });
    onTestFinished(() => rates.stop());
    return rates.limit('requests', 2);
  };
  return { shared, instance, tick: () => vi.advanceTimersByTimeAsync(100) };
}

const takeAll = (limit: { take(key: string): number }, key = 'k', atMost = 100) => {
  let count = 0;
  while (count < atMost && limit.take(key) === 0) count += 1;
  return count;
};

describe('a limit of all instances', () => {
  it('lets as much be done in a window as its rate comes to, at once, and says after which time again', async () => {
    const limit = scene().instance();
    expect(takeAll(limit)).toBe(20);
    await vi.advanceTimersByTimeAsync(4_000);
    const waitMs = limit.take('k');
    expect(waitMs).toBeGreaterThanOrEqual(6_000);
    expect(waitMs).toBeLessThanOrEqual(6_100); // the window of all began when they heard of it
    expect(limit.take('other')).toBe(0);
    await vi.advanceTimersByTimeAsync(waitMs);
    expect(takeAll(limit)).toBe(20);
  });

  it('is passed by no more than what is taken until instances have heard of each other', async () => {
    const { instance, tick } = scene();
    const [one, other] = [instance(), instance()];
    for (let count = 0; count < 12; count += 1) expect([one.take('k'), other.take('k')]).toEqual([0, 0]);
    await tick();
    await tick();
    expect([one.take('k') > 0, other.take('k') > 0]).toContain(true);
    expect(takeAll(one) + takeAll(other)).toBeLessThanOrEqual(8);
    await vi.advanceTimersByTimeAsync(RATE_WINDOW_MS);
    expect(one.take('k')).toBe(0);
  });

  it('holds for each instance alone while the others cannot be heard', async () => {
    const { shared, instance, tick } = scene();
    shared.isUp = false;
    const [one, other] = [instance(), instance()];
    expect(takeAll(one)).toBe(20);
    await tick();
    expect([one.take('k') > 0, takeAll(other)]).toEqual([true, 20]);
  });

  it('takes all that is asked for, or none of it', () => {
    const limit = scene().instance();
    expect(limit.take('k', 19)).toBe(0);
    expect(limit.take('k', 2)).toBeGreaterThan(0);
    expect(limit.take('k', 1)).toBe(0);
  });

  it('is told in one call a tenth of a second, however many keys there are, and in none where nothing is done', async () => {
    const { shared, instance, tick } = scene();
    const limit = instance();
    for (let key = 0; key < 400; key += 1) limit.take(`k${key}`);
    await tick();
    expect(shared.calls).toBe(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(shared.calls).toBe(1);
  });

  it('forgets the eldest key where there are too many', () => {
    const limit = scene().instance(2);
    for (const key of ['a', 'b']) takeAll(limit, key);
    limit.take('c');
    expect([limit.take('b') > 0, limit.take('a')]).toEqual([true, 0]);
  });
});
