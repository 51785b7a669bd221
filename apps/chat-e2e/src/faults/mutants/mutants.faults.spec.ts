import { describe, expect, it } from 'vitest';
import { makeLogFolder } from '../../harness/log-folder.ts';
import { checkHistory } from '../checkers/check-history.ts';
import { performRun } from '../runs/perform-run.ts';
import type { Fault } from '../runs/scene.ts';
import { buildMutant } from './build-mutant.ts';
import { MUTANT_FAULTS } from './mutant-faults.ts';
import { MUTANTS, type MutantName } from './mutants.ts';

/** Few clients that send often: order shows only between two SENDs of one sender. */
const LOAD = { clientCount: 9, roomCount: 3, ratePerSecond: 120, idleCount: 0, calmMs: 2_000 };
const SEED = 4;
const RUN_DEADLINE_MS = 300_000;
const NAMES = Object.keys(MUTANTS) as MutantName[]; // Object.keys forgets the keys of a const object

async function violationsOf(faults: readonly Fault[], scripts: Readonly<Record<string, string>> = {}) {
  const run = { ...LOAD, seed: SEED, folder: makeLogFolder(), faults, scripts, env: process.env, say: () => {} };
  return checkHistory(await performRun(run));
}

describe('one promise broken on purpose', () => {
  it('is none in the sound system, which stands all that follows', { timeout: RUN_DEADLINE_MS }, async () => {
    expect(await violationsOf(NAMES.map((name) => MUTANT_FAULTS[name]))).toEqual([]);
  });

  it.each(NAMES.map((name) => [MUTANTS[name].name, name] as const))(
    'is noticed: %s',
    { timeout: RUN_DEADLINE_MS },
    async (_, name) => {
      const mutant = MUTANTS[name];
      const script = await buildMutant(name, mutant);
      const violations = await violationsOf([MUTANT_FAULTS[name]], { [mutant.app]: script });
      const noticedBy = mutant.rules.filter((rule) => violations.some((violation) => violation.rule === rule));
      expect(noticedBy, `broken were ${JSON.stringify(violations.slice(0, 5))}`).not.toEqual([]);
    },
  );
});
