import { join } from 'node:path';
import { TaskError, type Run } from '../processes/run.ts';
import type { CommandContext } from './command.ts';
import { inOwnRun } from './own-run.ts';

/** A program of apps/chat-interop, which runs what is written in other languages. */
export interface LanguageHarness {
  /** As people start it. */
  readonly name: string;
  /** From the root of the repository. */
  readonly program: string;
  /** `prepare` only fetches and builds; a language that is missing is told then. */
  readonly verb: 'prepare' | 'run';
  readonly deadlineMs: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Work that such programs do, in a run of its own: exit status 0, or 1 where one has failed, which its message says. */
export async function inLanguageRun(command: CommandContext, work: (run: Run) => Promise<void>): Promise<number> {
  try {
    await inOwnRun(command, work);
    return 0;
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    command.say(error.message);
    return 1;
  }
}

/** Runs the harness with the words of the command line; its output is the user's. */
export async function runLanguages(
  { config: { rootDir, cacheDir }, args }: CommandContext,
  run: Run,
  { name, program, verb, deadlineMs, env = {} }: LanguageHarness,
): Promise<void> {
  await run.exec({
    name: `${name} (${verb})`,
    command: process.execPath,
    args: ['--conditions=@chat/source', join(rootDir, program), verb, ...args],
    cwd: rootDir,
    env: { ...env, CHAT_INTEROP_CACHE_DIR: cacheDir },
    deadlineMs,
    onOutput: (chunk) => process.stdout.write(chunk),
    tailLines: 0,
  });
}
