import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byVersion, type Release } from './release.ts';

/** Everything that a package has released, in the order of its versions. */
export function releasesOf(packageFolder: string): readonly Release[] {
  const folder = join(packageFolder, 'releases');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted(byVersion)
    .map((version) => ({ version, files: filesBelow(join(folder, version)) }));
}

function filesBelow(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}
