import type { RecordedRun } from '../history/recorded-run.ts';

/** After the last fault was mended, in ms: an instance is ready; Postgres has all there is; a new message is delivered. */
export const READY_DEADLINE_MS = 30_000;
export const CAUGHT_UP_DEADLINE_MS = 60_000;
export const FIRST_MESSAGE_DEADLINE_MS = 5_000;

/** What came back too late after the last fault, or not at all; what was not measured is told as well. */
export function findSlowRecoveries(run: RecordedRun): readonly string[] {
  if (run.listOf('healed').length === 0) return ['the faults of this run were never mended'];
  const ready = run.listOf('ready');
  return [
    ...(ready.length === 0 ? ['whether the apps were ready again was not looked at'] : []),
    ...ready.flatMap(({ instance, afterMs }) => judge(`${instance} ready again`, [afterMs], READY_DEADLINE_MS)),
    ...judge('everything stored', timesOf(run, 'caughtUp'), CAUGHT_UP_DEADLINE_MS),
    ...judge('a new message delivered', timesOf(run, 'firstMessage'), FIRST_MESSAGE_DEADLINE_MS),
  ];
}

function timesOf(run: RecordedRun, type: 'caughtUp' | 'firstMessage'): readonly (number | null)[] {
  return run.listOf(type).map(({ afterMs }) => afterMs);
}

function judge(what: string, times: readonly (number | null)[], deadlineMs: number): readonly string[] {
  if (times.length === 0) return [`${what}: this was not looked at`];
  return times
    .filter((afterMs) => afterMs === null || afterMs > deadlineMs)
    .map((afterMs) => `${what}: ${afterMs === null ? 'not at all' : `after ${afterMs} ms`}, allowed are ${deadlineMs}`);
}
