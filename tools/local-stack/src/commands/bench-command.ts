import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TaskError, type Run } from '../processes/run.ts';
import { BENCHES, type BenchSpec } from './bench-table.ts';
import { chooseByName } from './choose-by-name.ts';
import { UsageError, type CommandContext } from './command.ts';
import { inOwnRun } from './own-run.ts';
import { openOwnParts, type OwnParts } from './own-parts.ts';

const BUILD_DEADLINE_MS = 10 * 60_000;
const OPTIONS = {
  quick: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
} as const;

/**
 * `npm run bench [-- bench…] [--quick] [--write] [--profile]`: the benches of tools/bench, one process each, on parts and data of their
 * own. Exit status 0 when all met their targets, 1 when one missed or failed, 128 + signal when interrupted.
 */
export async function benchCommand(command: CommandContext): Promise<number> {
  const { args, say } = command;
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  if (values.write && (values.quick || values.profile)) {
    throw new UsageError('--write keeps the figures of whole runs without a profiler: leave out --quick and --profile');
  }
  const benches = chooseByName(BENCHES, positionals, 'bench');
  const flags = (['quick', 'write', 'profile'] as const).filter((flag) => values[flag]).map((flag) => `--${flag}`);
  const problems = await inOwnRun(command, (run) => runBenches(command, run, benches, flags));
  say(`\n${closingLine(problems, values.quick)}`);
  return problems.length === 0 ? 0 : 1;
}

function closingLine(problems: readonly string[], isQuick: boolean): string {
  if (problems.length > 0) return `Not passed: ${problems.join('; ')}`;
  return isQuick ? 'All benches work; a quick run judges no figures.' : 'All targets are met.';
}

/** One after the other, all of them; answers what is wrong with those that did not end well. */
async function runBenches(
  command: CommandContext,
  run: Run,
  benches: readonly BenchSpec[],
  flags: readonly string[],
): Promise<readonly string[]> {
  await build(command, run, [...new Set(benches.flatMap(({ apps }) => apps))]);
  const parts = await openOwnParts(command, run, 'bench');
  const problems: string[] = [];
  for (const bench of benches) {
    try {
      await runBench(command, run, parts, bench, flags);
    } catch (error) {
      if (!(error instanceof TaskError)) throw error;
      problems.push(error.message);
    }
  }
  return problems;
}

/** Builds the apps, and whatever is generated, which the benches themselves need. */
async function build({ config }: CommandContext, run: Run, apps: readonly string[]): Promise<void> {
  const targets = apps.length === 0 ? ['generate'] : ['generate', 'build'];
  await run.exec({
    name: 'build',
    command: 'nx',
    args: ['run-many', '-t', ...targets, '-p', '@chat/database', ...apps, '--outputStyle=static'],
    cwd: config.rootDir,
    env: config.toolEnv,
    deadlineMs: BUILD_DEADLINE_MS,
  });
}

async function runBench(
  { config }: CommandContext,
  run: Run,
  parts: OwnParts,
  { name, deadlineMs }: BenchSpec,
  flags: readonly string[],
): Promise<void> {
  await run.exec({
    name,
    command: process.execPath,
    args: ['--conditions=@chat/source', join(config.rootDir, 'tools/bench/src/main.ts'), name, ...flags],
    cwd: config.rootDir,
    env: { ...parts.env, CHAT_BENCH_LOG_DIR: parts.logDir },
    deadlineMs,
    onOutput: (chunk) => process.stdout.write(chunk),
    tailLines: 0,
  });
}
