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
 * spec waits with this, never with a sleep: it goes on as soon as it can, and fails with the assertion's own words. A try
 * that does not end is given up at the deadline, with what the try before it threw as the cause.
 */
export async function eventually<Value>(
  assertion: () => Value | Promise<Value>,
  { deadlineMs = DEADLINE_MS, everyMs = TRY_EVERY_MS }: EventuallyOptions = {},
): Promise<Value> {
  const endAt = performance.now() + deadlineMs;
  let lastError: unknown;
  let isOver = false;
  const late = () => {
    isOver = true;
    return new Error(`The assertion was still under way after ${deadlineMs} ms.`, { cause: lastError });
  };
  for (;;) {
    try {
      return await inTime(assertion, Math.max(endAt - performance.now(), everyMs), late);
    } catch (error) {
      if (isOver || performance.now() >= endAt) throw error;
      lastError = error;
    }
    await pause(everyMs);
  }
}

/** What the work comes to, or the error past the time it is given, in ms. */
export async function inTime<Value>(
  work: () => Value | Promise<Value>,
  timeoutMs: number,
  late: () => Error,
): Promise<Value> {
  const given = Promise.withResolvers<never>();
  const timer = setTimeout(() => given.reject(late()), timeoutMs);
  try {
    return await Promise.race([work(), given.promise]);
  } finally {
    clearTimeout(timer);
  }
}
