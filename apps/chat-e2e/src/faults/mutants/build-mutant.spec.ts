import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { buildMutant } from './build-mutant.ts';
import { MUTANTS } from './mutants.ts';

describe('a mutant', () => {
  it.each(Object.entries(MUTANTS))(
    '%s is the app with its one text replaced',
    { timeout: 60_000 },
    async (key, mutant) => {
      const bundle = await readFile(await buildMutant(key, mutant), 'utf8');
      expect(bundle).not.toContain(mutant.text);
    },
  );

  it('is refused where the text is not there, or the app has no such file', { timeout: 60_000 }, async () => {
    const { dedupeOff } = MUTANTS;
    await expect(buildMutant('none', { ...dedupeOff, text: 'no such text' })).rejects.toThrow('0 times');
    const file = 'apps/message-persister/src/app.ts';
    await expect(buildMutant('none', { ...dedupeOff, file })).rejects.toThrow('does not contain');
  });
});
