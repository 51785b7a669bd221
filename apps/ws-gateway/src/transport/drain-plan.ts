import { CLOSE_LINGER_MS, IN_FLIGHT_GRACE_MS } from '../limits.ts';

/** By when the last session of a draining instance is closed, in ms from the signal. */
export const DRAIN_DEADLINE_MS = 15_000;
/** Sessions that may always end together: their clients coming back at once do no harm elsewhere. */
const WAVE_MIN_SIZE = 500;
/** Time from the beginning of one wave to that of the next, in ms. */
export const WAVE_EVERY_MS = 100;
/** Waves at most: each session of the last one may still take its whole time for what is in flight and for its last bytes. */
const WAVES_MAX_COUNT = (DRAIN_DEADLINE_MS - IN_FLIGHT_GRACE_MS - CLOSE_LINGER_MS) / WAVE_EVERY_MS;

/**
 * How many of the sessions there were at the signal should have begun to end by now: all at once where they are few, else
 * in equal waves, so that not all their clients come back at the same moment.
 */
export function countDue(sessionCount: number, elapsedMs: number): number {
  const waveSize = Math.max(WAVE_MIN_SIZE, Math.ceil(sessionCount / WAVES_MAX_COUNT));
  const wavesBegun = 1 + Math.floor(elapsedMs / WAVE_EVERY_MS);
  return Math.min(sessionCount, wavesBegun * waveSize);
}
