import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOSE_LINGER_MS, IN_FLIGHT_GRACE_MS } from '../limits.ts';
import { countDue, DRAIN_DEADLINE_MS, WAVE_EVERY_MS } from './drain-plan.ts';

/** When the last wave must have begun, for its sessions to be closed in time whatever they wait for. */
const LAST_BEGIN_MS = DRAIN_DEADLINE_MS - IN_FLIGHT_GRACE_MS - CLOSE_LINGER_MS;

describe('the waves of a drain', () => {
  it('are one for a small instance', () => {
    expect(countDue(0, 0)).toBe(0);
    expect(countDue(500, 0)).toBe(500);
  });

  it('of 50,000 sessions are 80, a tenth of a second apart', () => {
    expect(countDue(50_000, 0)).toBe(625);
    expect(countDue(50_000, 99)).toBe(625);
    expect(countDue(50_000, 100)).toBe(1_250);
    expect(countDue(50_000, 7_899)).toBe(49_375);
    expect(countDue(50_000, 7_900)).toBe(50_000);
  });

  it('take every session in time, and never many more at once than an even spread asks for', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(20_000), (count, elapsedMs) => {
        const wave = countDue(count, elapsedMs + WAVE_EVERY_MS) - countDue(count, elapsedMs);
        expect(wave).toBeGreaterThanOrEqual(0);
        expect(wave).toBeLessThanOrEqual(Math.max(500, Math.ceil(count / 80)));
        expect(countDue(count, LAST_BEGIN_MS)).toBe(count);
      }),
    );
  });
});
