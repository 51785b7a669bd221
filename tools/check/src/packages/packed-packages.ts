import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../../../..');
/** Folders of the packages that others install. */
export const PUBLISHED = ['libs/dto', 'libs/kafka-contracts', 'libs/stomp', 'libs/client'] as const;
const PACK_DEADLINE_MS = 60_000;

/** A package as npm would publish it. */
export interface PackedPackage {
  readonly name: string;
  readonly folder: string;
  readonly tarball: string;
  /** Paths inside it. */
  readonly files: readonly string[];
}

/** What `npm pack --json` says of one package, as far as it is read here. */
interface Packing {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs the packages, which must be built, into a folder. */
export async function packPackages(destination: string): Promise<readonly PackedPackage[]> {
  const workspaces = PUBLISHED.flatMap((folder) => ['-w', folder]);
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', destination, ...workspaces];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: ROOT, timeout: PACK_DEADLINE_MS });
  const packings = JSON.parse(stdout) as readonly Packing[]; // of npm
  return packings.map(({ name, filename, files }) => ({
    name,
    folder: join(ROOT, name.replace('@chat/', 'libs/')),
    tarball: join(destination, filename.replace('@', '').replace('/', '-')),
    files: files.map(({ path }) => path),
  }));
}

/** The package.json of a package, as far as it is read here. */
export interface Manifest {
  readonly version: string;
  readonly sideEffects: boolean;
  readonly license: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export function manifestOf({ folder }: PackedPackage): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest; // npm has read it
}
