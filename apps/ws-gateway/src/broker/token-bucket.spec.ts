import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('a token bucket', () => {
  it('gives a burst at once, then what comes back', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
    expect([1, 2, 3, 4].map(() => bucket.take(1, 0))).toEqual([true, true, true, false]);
    expect([bucket.take(1, 99), bucket.take(1, 100), bucket.take(1, 101)]).toEqual([false, true, false]);
  });

  it('gives several together or none of them', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
    expect([bucket.take(4, 0), bucket.take(3, 0)]).toEqual([false, true]);
  });

  it('never gives more than burst and rate allow, whatever the clock does', () => {
    const steps = fc.array(
      fc.record({ ms: fc.integer({ min: -50, max: 500 }), count: fc.integer({ min: 1, max: 4 }) }),
    );
    fc.assert(
      fc.property(steps, (all) => {
        const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 1_000);
        let [now, forward, taken] = [1_000, 0, 0];
        for (const { ms, count } of all) {
          now += ms;
          forward += Math.max(0, ms);
          if (bucket.take(count, now)) taken += count;
          expect(taken).toBeLessThanOrEqual(5 + (forward * 10) / 1_000 + 1e-6);
        }
      }),
    );
  });
});
