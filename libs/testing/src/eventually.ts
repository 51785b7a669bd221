import { setTimeout as pause } from 'node:timers/promises';

/** Longest wait where a spec says nothing, and the time between two tries, in ms. */
const DEADLINE_MS = 5_000;
const TRY_EVERY_MS = 25;

export interface EventuallyOptions {
  /** Longest wait, in ms; 5,000 by default. */
  readonly deadlineMs?: number;
  /** Time between two tries, in ms; 25 by default. */
  readonly everyMs?: number;
}

/**
 * Tries until the assertion holds, and answers what it returned. Past the deadline it throws what the last try threw. A
 * spec waits with this, never with a sleep: it goes on as soon as it can, and fails with the assertion's own words.
 */
export async function eventually<Value>(
  assertion: () => Value | Promise<Value>,
  { deadlineMs = DEADLINE_MS, everyMs = TRY_EVERY_MS }: EventuallyOptions = {},
): Promise<Value> {
  const endAt = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() >= endAt) throw error;
    }
    await pause(everyMs);
  }
}
