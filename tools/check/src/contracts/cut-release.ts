import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contractPackages, ROOT, type ContractPackage } from './contracts.ts';
import { jsonText } from './json-text.ts';
import { breaksSince, refusalOfVersion, releaseFilesOf, unreleasedIn } from './release.ts';
import { releasesOf } from './released.ts';

// `npm run contracts:release -- 1.1.0`: today's schemas and fixtures become a release that never changes, and the packages
// get its version. Exit status 1, and nothing written, where they cannot follow what was released before. With `--check` in
// place of the version it only says whether the newest release has all that is there today: npm asks it before it publishes.

const packages = contractPackages();
const packageNames = packages.map(({ folder }) => folder.replace('libs/', '@chat/'));
const [version = ''] = process.argv.slice(2);
const isCheck = version === '--check';
const refusals = packages.flatMap(isCheck ? unreleased : refusalsOf);
for (const refusal of new Set(refusals)) console.error(refusal);
if (refusals.length === 0 && !isCheck) packages.forEach(cut);
process.exitCode = refusals.length === 0 ? 0 : 1;

function unreleased({ folder, contracts }: ContractPackage): readonly string[] {
  const sentence = unreleasedIn(releasesOf(join(ROOT, folder)), contracts);
  return sentence === null ? [] : [`${folder}: ${sentence}`];
}

function refusalsOf({ folder, contracts }: ContractPackage): readonly string[] {
  const released = releasesOf(join(ROOT, folder));
  const ofVersion = refusalOfVersion(
    version,
    released.map((release) => release.version),
  );
  return [
    ...(ofVersion === null ? [] : [ofVersion]),
    ...released.flatMap((release) => breaksSince(release, contracts)),
  ];
}

function cut({ folder, contracts }: ContractPackage): void {
  for (const [path, text] of Object.entries(releaseFilesOf(contracts))) {
    const file = join(ROOT, folder, 'releases', version, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const manifest = join(ROOT, folder, 'package.json');
  const before = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly dependencies: Record<string, string> }; // npm reads it, too
  const own = Object.keys(before.dependencies).filter((name) => packageNames.includes(name));
  const dependencies = { ...before.dependencies, ...Object.fromEntries(own.map((name) => [name, `^${version}`])) };
  writeFileSync(manifest, jsonText({ ...before, version, dependencies }));
  console.log(`${folder}/releases/${version} written; ${folder}/package.json has the version`);
}
