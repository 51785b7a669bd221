import type { RecordedRun } from '../history/recorded-run.ts';

/** Errors that say not to try again: the clients of a run ask for nothing that they may not have. */
export function findRefusals(run: RecordedRun): readonly string[] {
  return run
    .listOf('error')
    .filter(({ retryable }) => retryable === false)
    .map(({ session, receipt, code, at }) => `session ${session} was refused ${receipt} for good at ${at} ms: ${code}`);
}
