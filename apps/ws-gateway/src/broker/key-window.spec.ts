import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyWindow } from './key-window.ts';

const message = (messageId: number) => ({ messageId, digest: messageId + 0.5, isCertain: messageId % 2 === 0 });

/** Keys of which many want the same slot, at both ends of the table, and some differ in the high word alone. */
const crowded = fc.record({ low: fc.constantFrom(0, 1, 2, 1024, 2047, -1, -2, 4096), high: fc.nat({ max: 3 }) });
const anyKey = fc.record({ low: fc.integer({ min: -(2 ** 31) }), high: fc.integer({ min: -(2 ** 31) }) });
const fewKeys = fc.record({ low: fc.nat({ max: 700 }), high: fc.constant(0) });

interface Step {
  readonly key: { readonly low: number; readonly high: number };
  readonly gap: number;
}

/** Sets every key of the steps, new or known, and compares with a plain map after each. */
function compare(steps: readonly Step[], windowOffsets: number, isCheckedWhole: boolean): void {
  const window = new KeyWindow(windowOffsets);
  const plain = new Map<string, { key: Step['key']; messageId: number; setAt: number; isRenewed: boolean }>();
  const check = (key: Step['key']) => {
    const known = plain.get(`${key.low}:${key.high}`);
    expect(window.get(key)).toEqual(known && message(known.messageId));
    expect(window.offsetOf(key)).toBe(known?.isRenewed === false ? known.setAt : undefined);
  };
  let offset = 0;
  for (const [index, { key, gap }] of steps.entries()) {
    offset += gap;
    window.advance(offset);
    for (const [name, { setAt }] of plain) {
      if (setAt >= offset - windowOffsets) break; // they stand in the order of their setting
      plain.delete(name);
    }
    check(key);
    const name = `${key.low}:${key.high}`;
    const known = plain.get(name);
    if (known === undefined) window.add(key, message(index), offset);
    else window.renew(key, offset);
    plain.delete(name);
    plain.set(name, { key, messageId: known?.messageId ?? index, setAt: offset, isRenewed: known !== undefined });
    expect(window.size).toBe(plain.size);
    if (isCheckedWhole) for (const { key: other } of plain.values()) check(other);
  }
  for (const { key } of plain.values()) check(key);
}

describe('a window of keys', () => {
  it('knows what was set within it, and nothing else, as a plain map would, however its slots are crowded', () => {
    const steps = fc.array(fc.record({ key: fc.oneof(crowded, anyKey), gap: fc.nat({ max: 3 }) }), { maxLength: 80 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 40 }), (given, windowOffsets) =>
        compare(given, windowOffsets, true),
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['grows', 6_000, 5_000],
    ['goes round and round', 20_000, 300],
    ['goes round, and then grows', 9_000, 2_500],
  ])('does so while it %s', (_, count, windowOffsets) => {
    const steps = fc.sample(fc.record({ key: fc.oneof(fewKeys, anyKey), gap: fc.nat({ max: 2 }) }), {
      numRuns: count,
      seed: 7,
    });
    compare(steps, windowOffsets, false);
  });

  it('does so when it fills after much of it has gone', () => {
    const burst = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ key: { low: from + index, high: 0 }, gap: 0 }));
    const pause: Step = { key: { low: -5, high: 9 }, gap: 11 };
    compare([...burst(0, 900), pause, ...burst(5_000, 700), ...burst(0, 900), pause, ...burst(0, 30)], 10, false);
  });

  it('does not renew what it does not know', () => {
    expect(() => new KeyWindow(1).renew({ low: 1, high: 1 }, 0)).toThrow(RangeError);
  });
});
