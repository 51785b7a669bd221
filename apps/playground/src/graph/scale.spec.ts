import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linePath, niceCeiling } from './scale.ts';

describe('the top of an axis', () => {
  it.each([
    [0, 1],
    [1, 1],
    [3, 5],
    [10, 10],
    [11, 20],
    [2_001, 5_000],
  ])('for %d is %d', (value, top) => {
    expect(niceCeiling(value)).toBe(top);
  });

  it('is never below the value, nor more than 2.5 times it', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e9, noNaN: true }), (value) => {
        expect(niceCeiling(value)).toBeGreaterThanOrEqual(value);
        expect(niceCeiling(value)).toBeLessThanOrEqual(value * 2.5 + 1e-6);
      }),
    );
  });
});

describe('a line', () => {
  it('has a gap where nothing was measured, and a dot for what stands alone', () => {
    const path = linePath([{ x: 0, y: 1 }, { x: 1, y: 2.04 }, null, { x: 3, y: 3 }, null]);
    expect(path).toBe('M0 1L1 2M3 3h0');
    expect(linePath([null, null])).toBe('');
  });
});
