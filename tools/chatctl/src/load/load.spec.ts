import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoadTally } from './load-tally.ts';
import { progressLine, reportLines } from './load-text.ts';
import { dueCount } from './pacer.ts';
import { stamped, stampOf } from './stamp.ts';

function tallyOf(times: readonly number[]): LoadTally {
  const tally = new LoadTally();
  for (const ms of times) {
    tally.send();
    tally.acknowledge(ms);
  }
  return tally;
}

describe('the tally of a load', () => {
  it('has percentiles of what was recorded, to three figures', () => {
    const { receiptMs, deliveryMs } = tallyOf(Array.from({ length: 1_000 }, (_, at) => at + 1)).counts();
    expect(receiptMs?.p50).toBeCloseTo(500, -1);
    expect(receiptMs?.p90).toBeCloseTo(900, -1);
    expect(receiptMs?.p99).toBeCloseTo(990, -1);
    expect(receiptMs?.max).toBeCloseTo(1_000, -1);
    expect(deliveryMs).toBeNull();
  });

  it('has percentiles in their order, each within what was recorded, whatever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 60_000, noNaN: true }), { minLength: 1 }), (times) => {
        const { p50 = 0, p90 = 0, p99 = 0, max = 0 } = tallyOf(times).counts().receiptMs ?? {};
        const [lowest, highest] = [Math.min(...times), Math.max(...times)];
        expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].toSorted((a, b) => a - b));
        expect(p50).toBeGreaterThanOrEqual(lowest * 0.999 - 0.01);
        expect(max).toBeLessThanOrEqual(highest * 1.001 + 0.01);
      }),
    );
  });

  it('counts failures by code, and what has no answer yet', () => {
    const tally = tallyOf([1]);
    for (const code of ['RATE_LIMITED', 'RATE_LIMITED', 'UNKNOWN']) {
      tally.send();
      tally.fail(code);
    }
    tally.send();
    expect(tally.counts()).toMatchObject({ sent: 5, acknowledged: 1, errors: { RATE_LIMITED: 2, UNKNOWN: 1 } });
    expect(tally.inFlight).toBe(1);
  });
});

describe('the pace of a load', () => {
  it('asks for the whole rate over the whole time, however seldom it is asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 50 }),
        fc.integer({ min: 1, max: 1_000 }),
        (steps, perSecond) => {
          const durationMs = 10_000;
          let [elapsedMs, begun] = [0, 0];
          for (const step of [...steps, durationMs]) {
            elapsedMs += step;
            begun += dueCount({ perSecond, elapsedMs, durationMs, begun });
          }
          expect(begun).toBe(perSecond * 10);
        },
      ),
    );
  });
});

describe('a stamped content', () => {
  it('says its run and its time, and is as long as it shall be', () => {
    const content = stamped({ runId: '0123abcd', sentAt: 1234.5678 }, 100);
    expect(content).toHaveLength(100);
    expect(stampOf(content)).toEqual({ runId: '0123abcd', sentAt: 1234.568 });
  });

  it('is told from what others say', () => {
    expect(stampOf('load of bricks')).toBeNull();
  });
});

describe('what is shown of a load', () => {
  const counts = { ...tallyOf([2]).counts(), errors: { RATE_LIMITED: 3 } };

  it('is a bar of one length, and what it came to', () => {
    expect(progressLine(0.5, counts)).toBe(
      `${'█'.repeat(12)}${'░'.repeat(12)}  50 %  1 sent, 1 acknowledged, 0 delivered, 3 failed  receipt p99 2 ms`,
    );
    expect([...(progressLine(7, counts).split(' ')[0] ?? '')]).toHaveLength(24);
  });

  it('is a report in the end', () => {
    expect(reportLines(counts, { seconds: 2 })).toEqual([
      'sent         1 in 2.0 s (0.5 a second)',
      'acknowledged 1',
      'delivered    0',
      'refused      3 RATE_LIMITED',
      'send to receipt  p50 2, p90 2, p99 2, max 2 ms',
      'send to delivery none',
    ]);
  });
});
