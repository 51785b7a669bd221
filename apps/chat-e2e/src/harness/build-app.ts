import { build, type Plugin } from 'esbuild';
import { join } from 'node:path';

export interface AppBuild {
  /** Root of the sources: this clone, or a work tree of another commit. */
  readonly rootDir: string;
  readonly app: string;
  /** The file to write; it must lie where the app's packages are found. */
  readonly outfile: string;
  readonly plugins?: readonly Plugin[];
}

/** Builds an app as its own build does. */
export async function buildApp({ rootDir, app, outfile, plugins = [] }: AppBuild): Promise<void> {
  await build({
    entryPoints: [join(rootDir, 'apps', app, 'src/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    conditions: ['@chat/source'],
    plugins: [keepPackagesOut, ...plugins],
    logLevel: 'silent',
  });
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
