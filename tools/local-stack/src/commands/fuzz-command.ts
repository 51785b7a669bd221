import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cachedFolder, fillOnce } from '../parts/cached-folder.ts';
import { findOrInstall, PYTHON } from '../parts/system-program.ts';
import type { Run } from '../processes/run.ts';
import { buildApps } from './build-apps.ts';
import { UsageError, type CommandContext } from './command.ts';
import { inLanguageRun } from './language-run.ts';
import { openOwnParts } from './own-parts.ts';

const INSTALL_DEADLINE_MS = 5 * 60_000;
const STANDARD_MINUTES = 2;
/** Beside what is fuzzed by time: start, erasures under way, end. */
const OVERHEAD_MS = 10 * 60_000;
const PROJECT = 'apps/chat-e2e';
/** Public and inner REST, STOMP, schemathesis: each has the time. */
const PART_COUNT = 4;

/**
 * `npm run test:fuzz [-- --minutes 2 --seed 7]`: requests and sessions made up from the documents, by fast-check and by
 * schemathesis, each kind for that long, on apps and parts of the run's own. Exit status 0 when the apps bore all of it, 1 when
 * they did not or Python is missing, 128 + signal when interrupted.
 */
export async function fuzzCommand(command: CommandContext): Promise<number> {
  const { values } = parseArgs({
    args: [...command.args],
    options: { minutes: { type: 'string' }, seed: { type: 'string' } },
  });
  const minutes = Number(values.minutes ?? STANDARD_MINUTES);
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new UsageError('--minutes takes a number of at most 1440');
  if (values.seed !== undefined && !/^\d{1,10}$/.test(values.seed)) throw new UsageError('--seed takes a whole number');
  return inLanguageRun(command, (run) => fuzz(command, run, { minutes, seed: values.seed }));
}

async function fuzz(
  command: CommandContext,
  run: Run,
  { minutes, seed }: { readonly minutes: number; readonly seed: string | undefined },
): Promise<void> {
  const { config, say } = command;
  say('Fetching schemathesis (what is there already stays)');
  const python = await installSchemathesis(command, run);
  say('Starting Postgres, Redis and Kafka, and building the apps');
  const [parts] = await Promise.all([openOwnParts(command, run, 'fuzz'), buildApps(command, run)]);
  await run.exec({
    name: 'test:fuzz',
    command: 'vitest',
    args: ['run', '--config', 'vitest.fuzz.config.mts'],
    cwd: join(config.rootDir, PROJECT),
    env: {
      ...{ ...config.toolEnv, ...parts.env },
      ...{ CHAT_FUZZ_PYTHON: python, CHAT_FUZZ_SECONDS: String(Math.ceil(minutes * 60)) },
      ...(seed !== undefined && { CHAT_FUZZ_SEED: seed }),
    },
    deadlineMs: minutes * 60_000 * PART_COUNT + OVERHEAD_MS,
    onOutput: (chunk) => process.stdout.write(chunk),
    tailLines: 0,
  });
}

/** The Python of a virtual environment that has it, made once for what pins it. */
async function installSchemathesis({ config, say }: CommandContext, run: Run): Promise<string> {
  const { rootDir, cacheDir, path, isRoot } = config;
  const programs = await findOrInstall([PYTHON], { run, path, isRoot, say });
  const requirements = join(rootDir, PROJECT, 'src/fuzz/requirements.txt');
  const folder = await cachedFolder(cacheDir, 'schemathesis', [requirements]);
  const pythonOf = (environment: string) => join(environment, 'bin/python');
  await fillOnce(run, folder, async (fresh) => {
    const exec = (name: string, command: string, args: readonly string[]) =>
      run.exec({ name, command, args, deadlineMs: INSTALL_DEADLINE_MS });
    await exec('python -m venv', programs.get(PYTHON.command) ?? PYTHON.command, ['-m', 'venv', fresh]);
    await exec('pip install', pythonOf(fresh), ['-m', 'pip', 'install', '--quiet', '--no-input', '-r', requirements]);
  });
  return pythonOf(folder);
}
