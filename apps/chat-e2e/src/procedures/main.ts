import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { checkHistory } from '../faults/checkers/check-history.ts';
import { TOPIC_LAYOUT } from '../harness/topic-layout.ts';
import { parseFeed } from '../faults/run-options.ts';
import { performRun, type PerformOptions } from '../faults/runs/perform-run.ts';
import { buildPrevious, previousRef } from './previous-build.ts';
import { restoreSteps } from './restore-steps.ts';
import { upgradeSteps } from './upgrade-steps.ts';

// `node main.ts upgrade|restore [--from <ref>] [--feed interest] [--seed 7]`, started by `npm run test:upgrade` and `npm run test:restore`: what
// docs/operations.md says to do, done under load. Exit status 0: no rule was broken; 1: one was, and the history stays.

const ROOT = join(import.meta.dirname, '../../../..');
const MIGRATE = join(ROOT, 'libs/database/src/migrate/main.ts');
const MIGRATE_DEADLINE_MS = 60_000;
/** A part of the load of the fault runs: nothing here is about its size. */
const LOAD = { clientCount: 24, roomCount: 6, ratePerSecond: 60, idleCount: 0, calmMs: 3_000 };
const SHOWN_COUNT = 50;

const say = (line: string) => console.log(line);
const { values, positionals } = parseArgs({
  options: { from: { type: 'string' }, seed: { type: 'string' }, feed: { type: 'string' } },
  allowPositionals: true,
});
const seed = values.seed === undefined ? randomInt(1, 1_000_000_000) : Number(values.seed);
const env = { ...process.env, ROOM_FEED: parseFeed(values.feed) };
const folder = join(ROOT, '.local/procedure-runs', `seed-${seed}-${process.pid}`);
mkdirSync(folder, { recursive: true });
say(`seed ${seed}; history and logs in ${folder} until all is well`);
process.exitCode = positionals[0] === 'upgrade' ? await upgrade() : await perform({ faults: restoreSteps(say) });
if (process.exitCode === 0) rmSync(folder, { recursive: true });

/** A chat of the previous build is brought to this one, and back, and to it again. */
async function upgrade(): Promise<number> {
  const { rootDir, scripts, knownOf, remove } = await buildPrevious(values.from ?? (await previousRef()), folder, say);
  try {
    return await perform({
      ...{ scripts, topicLayout: knownOf(TOPIC_LAYOUT), schemaOf: rootDir },
      faults: upgradeSteps({ previous: scripts, migrate }),
    });
  } finally {
    await remove();
  }
}

/** As an operator does it. */
async function migrate(databaseUrl: string): Promise<void> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl };
  const options = { env, cwd: ROOT, timeout: MIGRATE_DEADLINE_MS };
  await promisify(execFile)(process.execPath, ['--conditions=@chat/source', MIGRATE], options);
}

async function perform(
  steps: Pick<PerformOptions, 'faults' | 'scripts' | 'topicLayout' | 'schemaOf'>,
): Promise<number> {
  const events = await performRun({ ...LOAD, ...{ seed, folder, say, env }, ...steps });
  const violations = checkHistory(events);
  for (const { rule, sentence } of violations.slice(0, SHOWN_COUNT)) say(`BROKEN ${rule}: ${sentence}`);
  const undone = events.flatMap((event) => (event.type === 'undone' ? [`${event.name}: ${event.reason}`] : []));
  for (const reason of undone) say(`NOT DONE ${reason}`);
  const receipts = events.filter(({ type }) => type === 'receipt').length;
  say(`${receipts} messages were acknowledged; ${violations.length} times a rule was broken.`);
  return violations.length + undone.length === 0 && receipts > 0 ? 0 : 1;
}
