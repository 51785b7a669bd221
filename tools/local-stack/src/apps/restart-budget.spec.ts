import { describe, expect, it } from 'vitest';
import { RestartBudget, type RestartLimits } from './restart-budget.ts';

const limits: RestartLimits = { maxPerWindow: 5, windowMs: 60_000, firstDelayMs: 500 };

/** Delays of ends that come `livedMs` after each restart. */
function restarts(count: number, livedMs: number) {
  const budget = new RestartBudget(limits);
  let nowMs = 0;
  return Array.from({ length: count }, () => {
    const decision = budget.next(nowMs);
    nowMs += decision.delayMs;
    const restartedAtMs = nowMs;
    nowMs += livedMs;
    return { ...decision, restartedAtMs };
  });
}

describe('RestartBudget', () => {
  it('doubles the pause with each restart of a minute', () => {
    expect(restarts(5, 0).map(({ delayMs }) => delayMs)).toEqual([500, 1_000, 2_000, 4_000, 8_000]);
  });

  it('begins again with a short pause when a minute was quiet', () => {
    expect(restarts(3, 60_000).map(({ delayMs }) => delayMs)).toEqual([500, 500, 500]);
  });

  it('gives up after five restarts in a minute, until the minute allows the next', () => {
    const [first, , , , fifth, sixth] = restarts(6, 0);
    expect(fifth).toMatchObject({ isExhausted: false, count: 5 });
    expect(sixth).toMatchObject({ isExhausted: true, count: 5 });
    expect(sixth?.restartedAtMs).toBe((first?.restartedAtMs ?? 0) + 60_000);
  });

  it('never makes more than five restarts in any minute, however long an app fails', () => {
    const times = restarts(40, 10).map(({ restartedAtMs }) => restartedAtMs);
    const most = times.map((start) => times.filter((at) => at >= start && at < start + 60_000).length);
    expect(Math.max(...most)).toBe(5);
  });
});
