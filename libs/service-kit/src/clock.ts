/** Wall-clock time in Unix milliseconds. Injected, so that tests decide what time it is. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Unix milliseconds as ISO-8601 UTC with `Z`. */
export function instantOf(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
