import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeLogFolder } from '../harness/log-folder.ts';
import { readFeedCounts, type FeedCounts } from '../harness/room-feed.ts';
import { checkHistory } from './checkers/check-history.ts';
import { seededRandom } from './random.ts';
import { faultOf, oneOfEachClass } from './runs/fault-table.ts';
import { performRun, type PerformOptions } from './runs/perform-run.ts';
import type { Fault } from './runs/scene.ts';

const SEED = 4;
const RUN_DEADLINE_MS = 10 * 60_000;
/** Half of the design's load: this run shares its machine with everything that it starts. */
const LOAD = { clientCount: 24, roomCount: 6, ratePerSecond: 60, idleCount: 200, calmMs: 1_000 };
/** Fewer still, for faults of which the apps are the subject, not the load. */
const FEW = { clientCount: 12, roomCount: 6, ratePerSecond: 60, idleCount: 0, calmMs: 1_000 };

/** No rule is broken in the run, which is forgotten then, and not empty. */
async function expectKept(
  run: Omit<PerformOptions, 'seed' | 'folder' | 'say'>,
  receiptsAtLeast: number,
): Promise<void> {
  const folder = makeLogFolder();
  const events = await performRun({ ...run, seed: SEED, folder, say: (line) => console.log(line) });
  const violations = checkHistory(events);
  expect(violations, `the history is ${join(folder, 'history.jsonl')}`).toEqual([]);
  expect(events.filter(({ type }) => type === 'receipt').length).toBeGreaterThan(receiptsAtLeast);
  rmSync(folder, { recursive: true });
}

it('every promise is kept under one fault of each class', { timeout: RUN_DEADLINE_MS }, async () => {
  await expectKept({ ...LOAD, faults: oneOfEachClass(seededRandom(SEED)), env: process.env }, 1_000);
});

it(
  'every promise is kept by gateways that send each other their rooms, where one of them is killed or frozen, or leaders move',
  { timeout: RUN_DEADLINE_MS },
  async () => {
    const leaders = faultOf('F24');
    let counts: readonly FeedCounts[] = [];
    const leadersAndCounts: Fault = {
      ...leaders,
      run: async (scene) => {
        await leaders.run(scene);
        counts = await Promise.all(scene.chat.gateways.map(({ internalUrl }) => readFeedCounts(internalUrl)));
      },
    };
    const faults = [faultOf('F1'), faultOf('F13'), leadersAndCounts];

    await expectKept({ ...FEW, faults, env: { ...process.env, ROOM_FEED: 'interest' } }, 500);

    expect(counts.map(({ read }) => read)).toEqual([0, 0, 0]);
    expect(Math.min(...counts.map(({ received }) => received))).toBeGreaterThan(0);
  },
);
