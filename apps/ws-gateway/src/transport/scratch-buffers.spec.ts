import { describe, expect, it } from 'vitest';
import { ScratchBuffers } from './scratch-buffers.ts';

describe('ScratchBuffers', () => {
  it('gives out again what came back, to who needs as much', () => {
    const buffers = new ScratchBuffers();
    const buffer = buffers.take(3_000);
    buffers.giveBack(buffer);
    expect(buffers.take(2_049)).toBe(buffer);
  });

  it('never gives out what somebody still has', () => {
    const buffers = new ScratchBuffers();
    expect(buffers.take(3_000)).not.toBe(buffers.take(3_000));
  });

  it('gives at most twice as much as asked for, but a little for a short lot', () => {
    const buffers = new ScratchBuffers();
    for (const wanted of [1, 1_024, 1_025, 4_096, 65_536, 65_537, 131_073]) {
      const { length } = buffers.take(wanted);
      expect(length).toBeGreaterThanOrEqual(wanted);
      expect(length).toBeLessThanOrEqual(Math.max(1_024, 2 * wanted));
    }
  });

  it('keeps one of a size and none of a large one', () => {
    const buffers = new ScratchBuffers();
    const [one, other, large] = [buffers.take(2_000), buffers.take(2_000), buffers.take(200_000)];
    for (const buffer of [one, other, large]) buffers.giveBack(buffer);
    const [again, anew, largeAnew] = [buffers.take(2_000), buffers.take(2_000), buffers.take(200_000)];
    expect([again === other, anew === one, largeAnew === large]).toEqual([true, false, false]);
  });
});
