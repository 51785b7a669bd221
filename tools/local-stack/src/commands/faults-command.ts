import { join } from 'node:path';
import { TaskError, type Run } from '../processes/run.ts';
import type { CommandContext } from './command.ts';
import { inOwnRun } from './own-run.ts';

const BUILD_DEADLINE_MS = 10 * 60_000;
const RUN_DEADLINE_MS = 24 * 60 * 60_000;

/** A program of apps/chat-e2e that runs the built apps on parts of its own. */
interface BuiltAppsProgram {
  /** As people start it. */
  readonly name: string;
  /** In the sources of apps/chat-e2e, and the words before those of the command line. */
  readonly program: string;
  readonly words?: readonly string[];
}

/** `npm run test:faults [-- --fault F5 --seed 7 --minutes 10 | --replay <file>]`: breaks the apps. */
export const faultsCommand = commandOf({ name: 'test:faults', program: 'faults/main.ts' });

/** `npm run test:upgrade [-- --from <ref> --feed interest --seed 7]`: replaces the apps of another commit by these, and back. */
export const upgradeCommand = commandOf({
  ...{ name: 'test:upgrade', program: 'procedures/main.ts' },
  words: ['upgrade'],
});

/** `npm run test:restore [-- --seed 7]`: restores Postgres from a backup that is behind the log. */
export const restoreCommand = commandOf({
  ...{ name: 'test:restore', program: 'procedures/main.ts' },
  words: ['restore'],
});

/** Builds the apps and runs the program. Exit status 0 when every rule held, 1 when one was broken, 128 + signal when interrupted. */
function commandOf(program: BuiltAppsProgram): (command: CommandContext) => Promise<number> {
  return async (command) => {
    try {
      await inOwnRun(command, (run) => buildAndRun(command, run, program));
      return 0;
    } catch (error) {
      if (!(error instanceof TaskError)) throw error;
      command.say(error.message);
      return 1;
    }
  };
}

/** What is only judged once more needs no apps. */
async function buildAndRun(
  { config: { rootDir, toolEnv }, args }: CommandContext,
  run: Run,
  { name, program, words = [] }: BuiltAppsProgram,
): Promise<void> {
  const exec = (task: string, command: string, commandArgs: readonly string[], deadlineMs: number) =>
    run.exec({
      ...{ name: task, command, args: commandArgs, deadlineMs, cwd: rootDir, env: toolEnv, tailLines: 0 },
      onOutput: (chunk) => process.stdout.write(chunk),
    });
  if (!args.includes('--replay')) {
    await exec('build', 'nx', ['run-many', '-t', 'build', '--outputStyle=static'], BUILD_DEADLINE_MS);
  }
  const main = join(rootDir, 'apps/chat-e2e/src', program);
  await exec(name, process.execPath, ['--conditions=@chat/source', main, ...words, ...args], RUN_DEADLINE_MS);
}
