import { join } from 'node:path';
import { unlessInterrupted } from '../interruption.ts';
import { endLeftovers } from '../processes/run-ledger.ts';
import { Run } from '../processes/run.ts';
import type { CommandContext } from './command.ts';

/** Does the work in a run of its own, which ends with it however it ends; what an earlier run has left is ended before. */
export async function inOwnRun<Value>(
  { config, interrupted, say }: Pick<CommandContext, 'config' | 'interrupted' | 'say'>,
  work: (run: Run) => Promise<Value>,
): Promise<Value> {
  const runsDir = join(config.localDir, 'runs');
  const run = new Run({ runsDir, env: config.testEnv });
  try {
    await endLeftovers(runsDir);
    return await unlessInterrupted(work(run), interrupted);
  } finally {
    if (interrupted.aborted) say('\nInterrupted: ending what was started');
    await run.close();
  }
}
