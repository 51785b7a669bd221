import { describe, expect, it } from 'vitest';
import { ProgressWatch } from './progress-watch.ts';

describe('the watch over progress', () => {
  it('calls a partition stuck that lags without moving for the whole time', () => {
    const watch = new ProgressWatch(20);
    expect(watch.isStuck('p', 5, 9, 0)).toBe(false);
    expect(watch.isStuck('p', 5, 9, 19)).toBe(false);
    expect(watch.isStuck('p', 5, 9, 20)).toBe(true);
  });

  it('starts anew with every step, however small', () => {
    const watch = new ProgressWatch(20);
    watch.isStuck('p', 5, 9, 0);
    watch.isStuck('p', 6, 9, 15);
    expect(watch.isStuck('p', 6, 9, 30)).toBe(false);
  });

  it('is content with a partition that has reached the end', () => {
    const watch = new ProgressWatch(20);
    watch.isStuck('p', 5, 9, 0);
    watch.isStuck('p', 5, 5, 10);
    expect(watch.isStuck('p', 5, 6, 25)).toBe(false);
  });

  it('does not count a deliberate pause or an outage of the brokers', () => {
    const watch = new ProgressWatch(20);
    watch.isStuck('p', 5, 9, 0);
    watch.forget('p');
    expect(watch.isStuck('p', 5, 9, 25)).toBe(false);
    watch.forgetAll();
    expect(watch.isStuck('p', 5, 9, 50)).toBe(false);
  });

  it('knows nothing after a freeze of its own process, and calls stuck what goes on to stand still', () => {
    const watch = new ProgressWatch(20);
    const look = (now: number) => {
      watch.beginLook(now);
      return watch.isStuck('p', 5, 9, now);
    };
    expect([0, 5, 38, 43, 48, 53].map(look)).toEqual([false, false, false, false, false, false]);
    expect(look(58)).toBe(true);
  });
});
