import { findOrInstall } from '../parts/system-program.ts';
import type { Run } from '../processes/run.ts';
import { SECTIONS, type Section } from '../sections/section-table.ts';
import { closingLine, countTests, problemOf, type SectionResult } from '../sections/test-counts.ts';
import { chooseByName } from './choose-by-name.ts';
import type { CommandContext } from './command.ts';
import { inOwnRun } from './own-run.ts';
import { openOwnParts, type PartsEnvironment } from './own-parts.ts';

/** How much of a section's output is searched for the reports of its tests. */
const OUTPUT_CHARACTERS = 50_000_000;

/**
 * `npm test [-- section…]`: all checks, or those named, on parts and data of their own. Stops at the first section that
 * fails. Exit status 0 when all passed, 1 when one failed, 128 + signal when interrupted; the last line has the counts.
 */
export async function testCommand(command: CommandContext): Promise<number> {
  const { args, say } = command;
  const sections = chooseByName(SECTIONS, args, 'section');
  const results: SectionResult[] = [];
  await inOwnRun(command, (run) => runSections(command, run, sections, results));
  tellOutcome(sections, results, say);
  return results.every((result) => problemOf(result) === null) ? 0 : 1;
}

async function runSections(
  command: CommandContext,
  run: Run,
  sections: readonly Section[],
  results: SectionResult[],
): Promise<void> {
  const { path, isRoot } = command.config;
  const programs = sections.flatMap(({ needsPrograms = [] }) => needsPrograms);
  await findOrInstall(programs, { run, path, isRoot, say: command.say });
  const needed = sections.some(({ needsParts }) => needsParts);
  const parts = needed ? openOwnParts(command, run, 'test') : null;
  const partsFailed = parts?.then(() => new Promise<never>(() => undefined)) ?? new Promise<never>(() => undefined);
  partsFailed.catch(() => undefined); // told by the race of the section that runs then
  for (const section of sections) {
    const env = section.needsParts && parts !== null ? (await parts).env : {};
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
