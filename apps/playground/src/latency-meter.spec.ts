import { describe, expect, it } from 'vitest';
import type { Sample } from './graph/series.ts';
import { createLatencyMeter } from './latency-meter.ts';

describe('the meter of latency', () => {
  const setUp = () => {
    const samples: Sample[] = [];
    const clock = { now: 100 };
    return {
      samples,
      clock,
      meter: createLatencyMeter(
        (sample) => samples.push(sample),
        () => clock.now,
      ),
    };
  };

  it('measures a message until its RECEIPT and until the other has it, once each, in either order', () => {
    const { samples, clock, meter } = setUp();
    meter.sent('a');
    clock.now = 104;
    meter.reached('seen', 'a');
    meter.reached('seen', 'a');
    clock.now = 106;
    meter.reached('receipt', 'a');
    meter.reached('receipt', 'a');
    expect(samples).toEqual([
      { at: 104, measure: 'seen', latencyMs: 4 },
      { at: 106, measure: 'receipt', latencyMs: 6 },
    ]);
  });

  it('knows nothing of messages that it did not see being sent, or too long ago', () => {
    const { samples, meter } = setUp();
    for (let count = 0; count < 1_001; count += 1) meter.sent(`m${count}`);
    for (const id of ['other', 'm0', 'm1']) meter.reached('receipt', id);
    expect(samples).toHaveLength(1);
  });
});
