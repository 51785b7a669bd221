/** How many messages are due now so that `perSecond` hold over the whole time; never more than the duration allows. */
export function dueCount(pace: {
  readonly perSecond: number;
  readonly elapsedMs: number;
  readonly durationMs: number;
  readonly begun: number;
}): number {
  const elapsedMs = Math.min(pace.elapsedMs, pace.durationMs);
  return Math.max(0, Math.floor((elapsedMs * pace.perSecond) / 1000) - pace.begun);
}
