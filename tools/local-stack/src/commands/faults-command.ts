import { join } from 'node:path';
import { TaskError, type Run } from '../processes/run.ts';
import type { CommandContext } from './command.ts';
import { inOwnRun } from './own-run.ts';

const BUILD_DEADLINE_MS = 10 * 60_000;
const RUN_DEADLINE_MS = 24 * 60 * 60_000;

/**
 * `npm run test:faults [-- --fault F5 --seed 7 --minutes 10 | --replay <file>]`: builds the apps and breaks them on parts of
 * the run's own. Exit status 0 when every rule held, 1 when one was broken, 128 + signal when interrupted.
 */
export async function faultsCommand(command: CommandContext): Promise<number> {
  try {
    await inOwnRun(command, (run) => buildAndBreak(command, run));
    return 0;
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    command.say(error.message);
    return 1;
  }
}

/** What is only judged once more needs no apps. */
async function buildAndBreak({ config: { rootDir, toolEnv }, args }: CommandContext, run: Run): Promise<void> {
  const exec = (name: string, command: string, commandArgs: readonly string[], deadlineMs: number) =>
    run.exec({
      ...{ name, command, args: commandArgs, deadlineMs, cwd: rootDir, env: toolEnv, tailLines: 0 },
      onOutput: (chunk) => process.stdout.write(chunk),
    });
  if (!args.includes('--replay')) {
    await exec('build', 'nx', ['run-many', '-t', 'build', '--outputStyle=static'], BUILD_DEADLINE_MS);
  }
  const main = join(rootDir, 'apps/chat-e2e/src/faults/main.ts');
  await exec('test:faults', process.execPath, ['--conditions=@chat/source', main, ...args], RUN_DEADLINE_MS);
}
