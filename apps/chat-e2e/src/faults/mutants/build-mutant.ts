import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Mutant } from './mutants.ts';

const ROOT = join(import.meta.dirname, '../../../../..');

/** Builds the app as its own build does, but for the one text; resolves to the file to run. Lies where the app's packages are found. */
export async function buildMutant(key: string, mutant: Mutant): Promise<string> {
  const outfile = join(ROOT, 'apps', mutant.app, 'dist/mutants', `${key}.js`);
  const change = changing(join(ROOT, mutant.file), mutant);
  await build({
    entryPoints: [join(ROOT, 'apps', mutant.app, 'src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    conditions: ['@chat/source'],
    plugins: [keepPackagesOut, change.plugin],
    logLevel: 'silent',
  });
  if (!change.isDone()) throw new Error(`${mutant.app} does not contain ${mutant.file}`);
  return outfile;
}

/** Our libraries go into the bundle, everybody else's stay outside. */
const keepPackagesOut: Plugin = {
  name: 'keep packages out',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@chat/') ? undefined : { path, external: true },
    );
  },
};

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
