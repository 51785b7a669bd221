import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Ticks } from './ticks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('ticks at its interval while it runs, by one timer however often it is told to', () => {
  let count = 0;
  const ticks = new Ticks(100, () => (count += 1));
  expect(vi.getTimerCount()).toBe(0);
  ticks.run();
  vi.advanceTimersByTime(50);
  ticks.run();
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(250);
  expect(count).toBe(3);
});

it('leaves no timer while it rests, and runs again', () => {
  let count = 0;
  const ticks = new Ticks(100, () => (count += 1));
  ticks.run();
  ticks.rest();
  expect(vi.getTimerCount()).toBe(0);
  ticks.run();
  vi.advanceTimersByTime(100);
  expect(count).toBe(1);
});

it('does not run again once it is stopped', () => {
  const ticks = new Ticks(100, () => {});
  ticks.run();
  ticks.stop();
  ticks.run();
  expect(vi.getTimerCount()).toBe(0);
});
