import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkHistory } from './checkers/check-history.ts';
import { openFaultChat } from './chat/fault-chat.ts';
import type { HistoryEvent } from './history/history-event.ts';
import { HistoryFile, readHistory } from './history/history-file.ts';
import { createRecorder } from './history/recorder.ts';
import { seededRandom } from './random.ts';
import { reportText } from './report/report-text.ts';
import { runFigures } from './report/run-figures.ts';
import { readOptions, type RunOptions } from './run-options.ts';
import { plannedFaults } from './runs/planned-faults.ts';
import { runFaults } from './runs/fault-run.ts';
import { faultOf } from './runs/fault-table.ts';

// `node main.ts [--fault F5 --seed 7 --minutes 10 …]`, started by `npm run test:faults`; `--replay <file>` only judges. Exit
// status 0: no rule was broken; 1: one was, and the history stays.

const RUNS_DIR = join(import.meta.dirname, '../../../../.local/fault-runs');
/** Load without faults before the first and after each, in ms. */
const CALM_MS = 5_000;
const IDLE_COUNT = 1_000;
/** Broken rules that are shown. */
const SHOWN_COUNT = 50;

const say = (line: string) => console.log(line);
const options = readOptions(process.argv.slice(2));
process.exitCode = options.replay === null ? await run(options) : judge(await readHistory(options.replay));

async function run(asked: RunOptions): Promise<number> {
  const seed = asked.seed ?? randomInt(1, 1_000_000_000);
  const folder = join(RUNS_DIR, `seed-${seed}-${process.pid}`);
  const logDir = join(folder, 'logs');
  mkdirSync(logDir, { recursive: true });
  say(`seed ${seed}; history and logs in ${folder} until all is well`);
  const events = await perform(asked, seed, folder, logDir);
  const outcome = judge(events);
  if (outcome === 0) rmSync(folder, { recursive: true });
  return outcome;
}

async function perform(asked: RunOptions, seed: number, folder: string, logDir: string) {
  const { clientCount, roomCount, ratePerSecond, faultIds, minutes } = asked;
  const file = new HistoryFile(join(folder, 'history.jsonl'));
  const recorder = createRecorder({ now: () => performance.now(), pass: (event) => file.append(event) });
  const chat = await openFaultChat({ env: process.env, logDir, say });
  try {
    const faults = plannedFaults({ faultIds, minutes, random: seededRandom(seed), now: () => performance.now() });
    const load = { clientCount, roomCount, ratePerSecond, idleCount: IDLE_COUNT, calmMs: CALM_MS };
    await runFaults({ chat, recorder, seed, faults, logDir, say, ...load });
  } finally {
    await chat.close();
    await file.close();
  }
  return recorder.events;
}

function judge(events: readonly HistoryEvent[]): number {
  const violations = checkHistory(events);
  say(`\n${reportText(runFigures(events), (id) => faultOf(id).name)}\n`);
  for (const { rule, sentence } of violations.slice(0, SHOWN_COUNT)) say(`BROKEN ${rule}: ${sentence}`);
  say(violations.length === 0 ? 'No rule was broken.' : `${violations.length} times a rule was broken.`);
  return violations.length === 0 ? 0 : 1;
}
