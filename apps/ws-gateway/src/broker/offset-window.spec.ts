import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OffsetWindow } from './offset-window.ts';

describe('an offset window', () => {
  it('holds what was set within the window, and nothing else, as a plain list would', () => {
    const steps = fc.array(fc.record({ key: fc.nat({ max: 6 }), gap: fc.nat({ max: 4 }) }), { maxLength: 100 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 10 }), (log, size) => {
        const window = new OffsetWindow<number, string>(size);
        const plain = new Map<number, number>();
        let offset = 0;
        for (const { key, gap } of log) {
          offset += gap;
          window.advance(offset);
          for (const [known, setAt] of plain) if (setAt < offset - size) plain.delete(known);
          expect(window.size).toBe(plain.size);
          expect(window.get(key)).toBe(plain.has(key) ? `at ${plain.get(key)}` : undefined);
          window.set(key, `at ${offset}`, offset);
          plain.set(key, offset);
        }
      }),
    );
  });

  it('costs as much for the millionth entry as for the first', () => {
    const window = new OffsetWindow<number, number>(20_000);
    const timed = (from: number) => {
      const startedAt = process.cpuUsage();
      for (let offset = from; offset < from + 40_000; offset += 1) {
        window.advance(offset);
        window.set(offset, offset, offset);
      }
      const { user, system } = process.cpuUsage(startedAt);
      return user + system;
    };
    timed(0);
    const early = Math.min(timed(40_000), timed(80_000));
    const late = Math.min(timed(1_000_000), timed(1_040_000), timed(1_080_000));
    expect(late).toBeLessThan(5 * early + 20_000);
    expect(window.size).toBeLessThanOrEqual(20_001);
  });
});
