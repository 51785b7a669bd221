import { join } from 'node:path';
import { unlessInterrupted } from '../interruption.ts';
import { endLeftovers } from '../processes/run-ledger.ts';
import { Run, TaskError } from '../processes/run.ts';
import type { CommandContext } from './command.ts';

const BUILD_DEADLINE_MS = 10 * 60_000;
const RUN_DEADLINE_MS = 24 * 60 * 60_000;

/**
 * `npm run test:faults [-- --fault F5 --seed 7 --minutes 10 | --replay <file>]`: builds the apps and breaks them on parts of
 * the run's own. Exit status 0 when every rule held, 1 when one was broken, 128 + signal when interrupted.
 */
export async function faultsCommand({ config, args, interrupted, say }: CommandContext): Promise<number> {
  const { rootDir, localDir, testEnv, toolEnv } = config;
  const runsDir = join(localDir, 'runs');
  const run = new Run({ runsDir, env: testEnv });
  const exec = (name: string, command: string, commandArgs: readonly string[], deadlineMs: number) =>
    run.exec({
      ...{ name, command, args: commandArgs, deadlineMs, cwd: rootDir, env: toolEnv, tailLines: 0 },
      onOutput: (chunk) => process.stdout.write(chunk),
    });
  const main = join(rootDir, 'apps/chat-e2e/src/faults/main.ts');
  const work = async () => {
    if (!args.includes('--replay')) {
      await exec('build', 'nx', ['run-many', '-t', 'build', '--outputStyle=static'], BUILD_DEADLINE_MS);
    }
    await exec('test:faults', process.execPath, ['--conditions=@chat/source', main, ...args], RUN_DEADLINE_MS);
  };
  try {
    await endLeftovers(runsDir);
    await unlessInterrupted(work(), interrupted);
    return 0;
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    say(error.message);
    return 1;
  } finally {
    if (interrupted.aborted) say('\nInterrupted: ending what was started');
    await run.close();
  }
}
