import { join } from 'node:path';
import { unlessInterrupted } from '../interruption.ts';
import { migrate } from '../migrate.ts';
import { openParts } from '../parts/open-parts.ts';
import { throwawayContext } from '../parts/part.ts';
import { createDatabaseBeside, dropDatabase } from '../parts/postgres.ts';
import { endLeftovers } from '../processes/run-ledger.ts';
import { Run } from '../processes/run.ts';
import { chooseSections, SECTIONS, type Section } from '../sections/section-table.ts';
import { closingLine, countTests, problemOf, type SectionResult } from '../sections/test-counts.ts';
import { UsageError, type CommandContext } from './command.ts';

/** How much of a section's output is searched for the reports of its tests. */
const OUTPUT_CHARACTERS = 50_000_000;

/** The environment of the sections that need parts. */
type PartsEnvironment = Readonly<Record<'DATABASE_URL' | 'REDIS_URL' | 'KAFKA_BROKERS', string>>;

/**
 * `npm test [-- section…]`: all checks, or those named, on parts and data of their own. Stops at the first section that
 * fails. Exit status 0 when all passed, 1 when one failed, 128 + signal when interrupted; the last line has the counts.
 */
export async function testCommand(command: CommandContext): Promise<number> {
  const { config, args, interrupted, say } = command;
  const chosen = chooseSections(args);
  if ('unknown' in chosen) {
    const names = SECTIONS.map(({ name }) => name).join(', ');
    throw new UsageError(`There is no section ${JSON.stringify(chosen.unknown)}; there are ${names}.`);
  }
  const runsDir = join(config.localDir, 'runs');
  const run = new Run({ runsDir, env: config.testEnv });
  const results: SectionResult[] = [];
  try {
    await endLeftovers(runsDir);
    await unlessInterrupted(runSections(command, run, chosen.sections, results), interrupted);
  } finally {
    if (interrupted.aborted) say('\nInterrupted: ending what was started');
    await run.close();
  }
  tellOutcome(chosen.sections, results, say);
  return results.every((result) => problemOf(result) === null) ? 0 : 1;
}

async function runSections(
  command: CommandContext,
  run: Run,
  sections: readonly Section[],
  results: SectionResult[],
): Promise<void> {
  const needed = sections.some(({ needsParts }) => needsParts);
  const parts = needed ? openTestParts(command, run) : null;
  const partsFailed = parts?.then(() => new Promise<never>(() => undefined)) ?? new Promise<never>(() => undefined);
  partsFailed.catch(() => undefined); // told by the race of the section that runs then
  for (const section of sections) {
    const env = section.needsParts && parts !== null ? await parts : {};
    const result = await Promise.race([runSection(command, run, section, env), partsFailed]);
    results.push(result);
    if (problemOf(result) !== null) return;
  }
}

async function runSection(
  { config, say, interrupted }: CommandContext,
  run: Run,
  section: Section,
  env: Partial<PartsEnvironment>,
): Promise<SectionResult> {
  say(`\n== ${section.name}: ${section.command} ${section.args.join(' ')}`);
  const startedAt = performance.now();
  let output = '';
  const work = run.exec({
    name: section.name,
    command: section.command,
    args: section.args,
    cwd: config.rootDir,
    env: { ...config.toolEnv, ...env },
    deadlineMs: section.deadlineMs,
    onOutput: (chunk) => {
      process.stdout.write(chunk);
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_CHARACTERS);
    },
    tailLines: 0,
  });
  const failure = await work.then(() => null, reasonOf);
  const result = { name: section.name, hasTests: section.hasTests, failure, counts: countTests(output) };
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (!interrupted.aborted) say(`== ${problemOf(result) ?? `${section.name} passed`} (${seconds} s)`);
  return result;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tellOutcome(sections: readonly Section[], results: readonly SectionResult[], say: (line: string) => void) {
  const notRun = sections.slice(results.length).map(({ name }) => name);
  const problem = results.map(problemOf).find((found) => found !== null);
  say('');
  if (problem !== undefined) say(`Not passed: ${problem}${notRun.length > 0 ? `; not run: ${notRun.join(', ')}` : ''}`);
  say(closingLine(results));
}

/** Parts of this run's own, with a migrated database that nobody is connected to: a template for the tests' own. */
async function openTestParts({ config, say }: CommandContext, run: Run): Promise<PartsEnvironment> {
  const context = throwawayContext({ run, folder: join(config.localDir, `test-${process.pid}`), config, say });
  const { postgres, redis, kafka } = await openParts(context, {
    ...config,
    external: config.testExternal,
  });
  const databaseUrl = await createDatabaseBeside(postgres.url, `chat_test_${process.pid}`);
  if (postgres.source === 'environment') run.afterwards(() => dropDatabase(databaseUrl));
  await migrate(run, config.rootDir, databaseUrl);
  return { DATABASE_URL: databaseUrl, REDIS_URL: redis.url, KAFKA_BROKERS: kafka.url };
}
