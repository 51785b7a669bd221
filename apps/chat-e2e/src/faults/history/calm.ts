import type { FaultTime, RecordedRun } from './recorded-run.ts';

/** From the end of a fault to when everything must be as before, in ms: apps are ready again, clients have come back. */
export const RECOVERY_MS = 30_000;

/** The first moment from `at` on that is followed by `calmMs` in which nothing is, or has just been, broken. */
export function nextCalm(faults: readonly FaultTime[], at: number, calmMs: number): number {
  let from = at;
  for (;;) {
    const disturbing = faults.find((fault) => fault.from < from + calmMs && fault.to + RECOVERY_MS > from);
    if (disturbing === undefined) return from;
    from = disturbing.to + RECOVERY_MS;
  }
}

/** Of the ms from `from` to `to`, those in which one of `parties` was frozen or this process itself was late. */
export function frozenMs(run: RecordedRun, parties: readonly string[], from: number, to: number): number {
  const frozen = run.faults
    .filter(({ freezes }) => freezes.some((party) => parties.includes(party)))
    .map((fault) => [fault.from, fault.to] as const);
  const late = run.listOf('stall').map(({ at, ms }) => [at - ms, at] as const);
  return coveredMs([...frozen, ...late], from, to);
}

/** How much of a stretch at least one of the others covers. */
function coveredMs(stretches: readonly (readonly [number, number])[], from: number, to: number): number {
  let covered = 0;
  let reached = from;
  for (const [begin, end] of stretches.toSorted((a, b) => a[0] - b[0])) {
    const start = Math.max(begin, reached);
    const stop = Math.min(end, to);
    if (stop <= start) continue;
    covered += stop - start;
    reached = stop;
  }
  return covered;
}
