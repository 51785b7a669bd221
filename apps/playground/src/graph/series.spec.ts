import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSamples, bucketsOf, percentile, SAMPLES_MAX_COUNT, summarize, WINDOW_MS, type Sample } from './series.ts';

const receipt = (at: number, latencyMs = 5): Sample => ({ at, measure: 'receipt', latencyMs });
const seen = (at: number, latencyMs = 9): Sample => ({ at, measure: 'seen', latencyMs });

describe('percentile', () => {
  it('is a value of those given, with at least that share of them at or below it', () => {
    const values = fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ noNaN: true, min: 0, max: 1 }), (given, share) => {
        const found = percentile(given, share) ?? Number.NaN;
        expect(given).toContain(found);
        expect(given.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * given.length);
      }),
    );
    expect([percentile([3, 1, 2], 0.5), percentile([], 0.5)]).toEqual([2, null]);
  });
});

describe('the samples', () => {
  it('are those of the window of the newest, and never more than their limit', () => {
    expect(addSamples([receipt(0), receipt(2_000)], [receipt(WINDOW_MS + 1_500)])).toEqual([
      receipt(2_000),
      receipt(WINDOW_MS + 1_500),
    ]);
    const many = Array.from({ length: SAMPLES_MAX_COUNT + 10 }, (_, index) => receipt(index / 1_000));
    expect(addSamples([], many)).toEqual(many.slice(10));
    expect(addSamples(many, [])).toBe(many);
  });

  it('are told in seconds, with gaps where nothing was measured', () => {
    const buckets = bucketsOf([receipt(58_100, 4), receipt(58_900, 6), receipt(58_999, 8), seen(59_000)], 59_500);
    expect(buckets).toHaveLength(60);
    expect(buckets.slice(-3)).toEqual([
      { at: 57_000, rate: 0, p50: { receipt: null, seen: null } },
      { at: 58_000, rate: 3, p50: { receipt: 6, seen: null } },
      { at: 59_000, rate: 0, p50: { receipt: null, seen: 9 } },
    ]);
  });

  it('are summed up for the window alone', () => {
    const samples = [receipt(0, 1_000), receipt(10_000, 2), receipt(10_001, 4), seen(10_002)];
    expect(summarize(samples, 'receipt', WINDOW_MS + 5_000)).toEqual({ count: 2, p50: 2, p99: 4 });
    expect(summarize([], 'seen', 0)).toEqual({ count: 0, p50: null, p99: null });
  });

  it('lose none of the window on their way into seconds', () => {
    const times = fc.array(fc.nat({ max: 200_000 }), { maxLength: 50 });
    fc.assert(
      fc.property(times, (given) => {
        const samples = given.toSorted((left, right) => left - right).map((at) => receipt(at));
        const now = samples.at(-1)?.at ?? 0;
        const total = bucketsOf(addSamples([], samples), now).reduce((sum, { rate }) => sum + rate, 0);
        const from = (Math.floor(now / 1_000) - 59) * 1_000;
        expect(total).toBe(samples.filter(({ at }) => at >= from).length);
      }),
    );
  });
});
