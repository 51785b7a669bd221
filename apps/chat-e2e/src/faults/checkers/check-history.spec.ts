import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { CORRUPTIONS } from '../simulation/corruptions.ts';
import { simulatedRun } from '../simulation/simulated-run.ts';
import { STORY } from '../simulation/story.ts';
import { checkHistory, RULE_NAMES } from './check-history.ts';

const RUN_COUNT = 40;
const seeds = () => fc.integer({ min: 0, max: 0x7fffffff });

describe('the checkers', () => {
  it('have nothing against the story told by hand', () => {
    expect(checkHistory(STORY)).toEqual([]);
  });

  it('have nothing against any chat that keeps its promises', () => {
    fc.assert(
      fc.property(seeds(), (seed) => {
        expect(checkHistory(simulatedRun(seed))).toEqual([]);
      }),
      { numRuns: RUN_COUNT },
    );
  });

  it.each(CORRUPTIONS.map((corruption) => [corruption.name, corruption] as const))(
    'notice in any history: %s',
    (_, { corrupt, breaks }) => {
      let corruptedCount = 0;
      fc.assert(
        fc.property(seeds(), (seed) => {
          const bad = corrupt(simulatedRun(seed), seededRandom(seed));
          if (bad === null) return; // this history has no place for it
          corruptedCount += 1;
          expect(checkHistory(bad).map(({ rule }) => rule)).toContain(breaks);
        }),
        { numRuns: RUN_COUNT },
      );
      expect(corruptedCount).toBeGreaterThan(RUN_COUNT / 10);
    },
  );

  it('are all broken by one of these corruptions', () => {
    expect(new Set(CORRUPTIONS.map(({ breaks }) => breaks))).toEqual(new Set(RULE_NAMES));
  });
});
