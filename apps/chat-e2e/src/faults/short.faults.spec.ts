import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeLogFolder } from '../harness/log-folder.ts';
import { checkHistory } from './checkers/check-history.ts';
import { seededRandom } from './random.ts';
import { oneOfEachClass } from './runs/fault-table.ts';
import { performRun } from './runs/perform-run.ts';

const SEED = 4;
const RUN_DEADLINE_MS = 10 * 60_000;
/** Half of the design's load: this run shares its machine with everything that it starts. */
const LOAD = { clientCount: 24, roomCount: 6, ratePerSecond: 60, idleCount: 200, calmMs: 1_000 };

it('every promise is kept under one fault of each class', { timeout: RUN_DEADLINE_MS }, async () => {
  const folder = makeLogFolder();
  const say = (line: string) => console.log(line);
  const faults = oneOfEachClass(seededRandom(SEED));

  const events = await performRun({ ...LOAD, seed: SEED, folder, faults, say, env: process.env });

  const violations = checkHistory(events);
  expect(violations, `the history is ${join(folder, 'history.jsonl')}`).toEqual([]);
  expect(events.filter(({ type }) => type === 'receipt').length).toBeGreaterThan(1_000);
  rmSync(folder, { recursive: true });
});
