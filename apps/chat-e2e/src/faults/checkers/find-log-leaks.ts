import type { RecordedRun } from '../history/recorded-run.ts';

/** What stands in a log and must be in none: a token, a content, a secret, an unhandled rejection. */
export function findLogLeaks(run: RecordedRun): readonly string[] {
  return run.listOf('leak').map(({ what, place }) => `${what} in ${place}`);
}
