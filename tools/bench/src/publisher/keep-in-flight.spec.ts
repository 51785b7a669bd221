import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { keepInFlight } from './keep-in-flight.ts';

describe('a closed loop', () => {
  it('keeps as many pieces under way as it is told, numbers them, and counts those done', async () => {
    const numbers: number[] = [];
    let underWay = 0;
    let most = 0;
    const result = await keepInFlight(
      async (n) => {
        numbers.push(n);
        most = Math.max(most, ++underWay);
        await setImmediate();
        underWay--;
      },
      { count: 3, durationMs: 20 },
    );
    expect([most, underWay]).toEqual([3, 0]);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(result.count).toBe(numbers.length);
    expect(result.wallS).toBeGreaterThanOrEqual(0.019);
  });
});
