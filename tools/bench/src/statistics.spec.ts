import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile, ratios, spreadOf } from './statistics.ts';

const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

describe('a spread', () => {
  it('is the middle of an odd count, the mean of the two middle ones of an even count, and the ends', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 });
  });

  it('compares numbers as numbers, and leaves the measurements as they are', () => {
    const measured = [100, 9, 20];
    expect(spreadOf(measured).median).toBe(20);
    expect(measured).toEqual([100, 9, 20]);
  });

  it('of nothing is refused', () => {
    expect(() => spreadOf([])).toThrow('nothing was measured');
  });
});

describe('a percentile', () => {
  it('is a value that was measured: the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect([0, 1, 50, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([1, 1, 50, 99, 100]);
    expect(percentile([5, 1], 50)).toBe(1);
    expect(percentile([5, 1], 51)).toBe(5);
  });

  it('is not exceeded by at least so many of the values', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (measured, percent) => {
        const found = percentile(measured, percent);
        const notAbove = measured.filter((value) => value <= found).length;
        const below = measured.filter((value) => value < found).length;
        expect(notAbove * 100).toBeGreaterThanOrEqual(percent * measured.length);
        expect(below * 100).toBeLessThan(percent * measured.length);
      }),
    );
  });

  it('of nothing is refused', () => {
    expect(() => percentile([], 99)).toThrow('nothing was measured');
  });
});

describe('ratios', () => {
  it('are taken round by round', () => {
    expect(ratios([2, 9], [4, 3])).toEqual([0.5, 3]);
  });

  it('of rounds that do not belong together are refused', () => {
    expect(() => ratios([1, 2], [1])).toThrow('2 rounds against 1');
  });
});
