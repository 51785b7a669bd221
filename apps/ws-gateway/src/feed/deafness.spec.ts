import { describe, expect, it } from 'vitest';
import { Deafness } from './deafness.ts';

/** The brokers answer every 5 s, from one instant to another. */
function answerFrom(deafness: Deafness, from: number, to: number): void {
  for (let now = from; now <= to; now += 5_000) deafness.answered(now);
}

describe('the deafness of a partition', () => {
  it('lasts since it was in force', () => {
    const deafness = new Deafness();
    answerFrom(deafness, 0, 30_000);
    expect([deafness.lastsMs(12_000), deafness.lastsMs(30_000), deafness.lastsMs(31_000)]).toEqual([18_000, 0, 0]);
  });

  it('does not count while the brokers do not answer, and begins anew once they do', () => {
    const deafness = new Deafness();
    expect(deafness.lastsMs(0)).toBe(0);
    answerFrom(deafness, 0, 10_000);
    expect(deafness.lastsMs(0)).toBe(10_000);
    answerFrom(deafness, 60_000, 65_000);
    expect(deafness.lastsMs(0)).toBe(5_000);
  });
});
