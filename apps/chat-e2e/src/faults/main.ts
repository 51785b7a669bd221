import { randomInt } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withSection } from '@chat/testing';
import { checkHistory } from './checkers/check-history.ts';
import type { HistoryEvent } from './history/history-event.ts';
import { readHistory } from './history/history-file.ts';
import { seededRandom } from './random.ts';
import { guaranteeSection, verdicts } from './report/guarantees.ts';
import { reportText } from './report/report-text.ts';
import { runFigures } from './report/run-figures.ts';
import { readOptions, type RunOptions } from './run-options.ts';
import { performRun } from './runs/perform-run.ts';
import { plannedFaults } from './runs/planned-faults.ts';
import { faultOf } from './runs/fault-table.ts';

// `node main.ts [--fault F5 --seed 7 --minutes 10 …]`, started by `npm run test:faults`; `--replay <file>` only judges. Exit
// status 0: no rule was broken; 1: one was, and the history stays.

const RUNS_DIR = join(import.meta.dirname, '../../../../.local/fault-runs');
const DOCUMENT = join(import.meta.dirname, '../../../../docs/guarantees.md');
/** Load without faults before the first and after each, in ms. */
const CALM_MS = 5_000;
const IDLE_COUNT = 1_000;
/** Broken rules that are shown. */
const SHOWN_COUNT = 50;

const say = (line: string) => console.log(line);
const options = readOptions(process.argv.slice(2));
process.exitCode = options.replay === null ? await run(options) : judge(await readHistory(options.replay));

async function run(asked: RunOptions): Promise<number> {
  const { clientCount, roomCount, ratePerSecond, faultIds, minutes, feed } = asked;
  const seed = asked.seed ?? randomInt(1, 1_000_000_000);
  const folder = join(RUNS_DIR, `seed-${seed}-${process.pid}`);
  say(`seed ${seed}; history and logs in ${folder} until all is well`);
  const faults = plannedFaults({ faultIds, minutes, random: seededRandom(seed), now: () => performance.now() });
  const load = { clientCount, roomCount, ratePerSecond, idleCount: IDLE_COUNT, calmMs: CALM_MS };
  const events = await performRun({ ...load, seed, folder, faults, say, env: { ...process.env, ROOM_FEED: feed } });
  const outcome = judge(events);
  if (outcome === 0) rmSync(folder, { recursive: true });
  if (asked.writesDocument) writeDocument(events);
  return outcome;
}

function writeDocument(events: readonly HistoryEvent[]): void {
  const texts = [...verdicts(checkHistory(events)), ['figures', reportText(runFigures(events), nameOf)] as const];
  const before = readFileSync(DOCUMENT, 'utf8');
  writeFileSync(
    DOCUMENT,
    texts.reduce((document, [name, text]) => withSection(document, guaranteeSection(name), text), before),
  );
}

function nameOf(id: string): string {
  return faultOf(id).name;
}

function judge(events: readonly HistoryEvent[]): number {
  const violations = checkHistory(events);
  say(`\n${reportText(runFigures(events), nameOf)}\n`);
  for (const { rule, sentence } of violations.slice(0, SHOWN_COUNT)) say(`BROKEN ${rule}: ${sentence}`);
  say(violations.length === 0 ? 'No rule was broken.' : `${violations.length} times a rule was broken.`);
  return violations.length === 0 ? 0 : 1;
}
