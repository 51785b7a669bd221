import { describe, expect, it } from 'vitest';
import type { Sample } from './graph/series.ts';
import { createLatencyMeter, type LatencyMeter } from './latency-meter.ts';

/** The frame that a message leaves with. */
const send = (clientMessageId: string): Parameters<LatencyMeter['observe']>[0] => ({
  direction: 'out',
  command: 'SEND',
  headers: { 'client-message-id': clientMessageId },
});

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
    meter.observe(send('a'));
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

  it('measures from the first frame on, also where the message leaves again after a lost connection', () => {
    const { samples, clock, meter } = setUp();
    meter.observe(send('a'));
    clock.now = 150;
    meter.observe(send('a'));
    meter.reached('receipt', 'a');
    expect(samples).toEqual([{ at: 150, measure: 'receipt', latencyMs: 50 }]);
  });

  it('measures anew what was given up and is sent again', () => {
    const { samples, clock, meter } = setUp();
    meter.observe(send('a'));
    meter.forget('a');
    clock.now = 150;
    meter.observe(send('a'));
    meter.reached('receipt', 'a');
    expect(samples).toEqual([{ at: 150, measure: 'receipt', latencyMs: 0 }]);
  });

  it.each([
    ['comes', { ...send('a'), direction: 'in' as const }],
    ['is no SEND', { ...send('a'), command: 'RECEIPT' }],
    ['has no key', { ...send('a'), headers: {} }],
  ])('does not begin with a frame that %s', (_, frame) => {
    const { samples, meter } = setUp();
    meter.observe(frame);
    meter.reached('receipt', 'a');
    expect(samples).toEqual([]);
  });

  it('knows nothing of messages that it did not see being sent, or too long ago', () => {
    const { samples, meter } = setUp();
    for (let count = 0; count < 1_001; count += 1) meter.observe(send(`m${count}`));
    for (const id of ['other', 'm0', 'm1']) meter.reached('receipt', id);
    expect(samples).toHaveLength(1);
  });
});
