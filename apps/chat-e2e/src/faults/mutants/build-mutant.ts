import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { buildApp } from '../../harness/build-app.ts';
import type { Mutant } from './mutants.ts';

const ROOT = join(import.meta.dirname, '../../../../..');

/** Builds the app as its own build does, but for the one text; resolves to the file to run. Lies where the app's packages are found. */
export async function buildMutant(key: string, mutant: Mutant): Promise<string> {
  const outfile = join(ROOT, 'apps', mutant.app, 'dist/mutants', `${key}.js`);
  const change = changing(join(ROOT, mutant.file), mutant);
  await buildApp({ rootDir: ROOT, app: mutant.app, outfile, plugins: [change.plugin] });
  if (!change.isDone()) throw new Error(`${mutant.app} does not contain ${mutant.file}`);
  return outfile;
}

function changing(path: string, { file, text, replacement }: Mutant) {
  let isDone = false;
  const plugin: Plugin = {
    name: 'mutate',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, async (source) => {
        if (source.path !== path) return undefined;
        const parts = (await readFile(path, 'utf8')).split(text);
        if (parts.length !== 2)
          throw new Error(`${file} has the text of the mutant ${parts.length - 1} times, not once`);
        isDone = true;
        return { contents: parts.join(replacement), loader: 'ts' };
      });
    },
  };
  return { plugin, isDone: () => isDone };
}
