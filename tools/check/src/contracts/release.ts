import { createHash } from 'node:crypto';
import type { JsonSchema } from '@chat/dto';
import type { Contract } from './contracts.ts';
import { jsonText } from './json-text.ts';
import { breaksBetween, breakText } from './schema-breaks.ts';

/** Files of a release by their path in its folder. */
export type ReleaseFiles = Readonly<Record<string, string>>;

/** What a package released under one version, as it lies in `releases/<version>`. */
export interface Release {
  readonly version: string;
  readonly files: ReleaseFiles;
}

/** Lists every file of a release with its hash, in the form of sha256sum. */
const SUMS = 'SHA256SUMS';

/** The files of a release of these contracts: schemas, fixtures and the list of their hashes. */
export function releaseFilesOf(contracts: readonly Contract[]): ReleaseFiles {
  const files = Object.fromEntries(
    contracts.flatMap(({ name, schema, fixtures }) => [
      [schemaPath(name), jsonText(schema)],
      [fixturesPath(name), jsonText(fixtures)],
    ]),
  );
  const sums = Object.entries(files).map(([path, text]) => `${hashOf(text)}  ${path}\n`);
  return { ...files, [SUMS]: sums.toSorted(byPath).join('') };
}

/** The contracts that lie in a release. Whether one is a request, today's say; those that are gone are none. */
export function contractsOf({ files }: Release, today: readonly Contract[]): readonly Contract[] {
  const names = Object.keys(files).flatMap((path) => /^schemas\/(.+)\.schema\.json$/.exec(path)?.[1] ?? []);
  return names.map((name) => ({
    name,
    schema: JSON.parse(files[schemaPath(name)] ?? '') as JsonSchema, // written by us
    fixtures: JSON.parse(files[fixturesPath(name)] ?? '') as Contract['fixtures'],
    isRequest: today.find((contract) => contract.name === name)?.isRequest ?? false,
  }));
}

/** What was done to a release since it was cut, in sentences. */
export function tamperingWith({ version, files }: Release): readonly string[] {
  const lines = (files[SUMS] ?? '').split('\n').filter(Boolean);
  const sums = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  const paths = new Set([...sums.keys(), ...Object.keys(files)].filter((path) => path !== SUMS));
  return [...paths].flatMap((path) => {
    const text = files[path];
    const what =
      text === undefined
        ? 'is missing'
        : !sums.has(path)
          ? 'was added'
          : hashOf(text) === sums.get(path)
            ? null
            : 'was changed';
    if (what === null) return [];
    return [
      `releases/${version}/${path} ${what}. A release never changes: put it back as it was, and cut a new one for what is new.`,
    ];
  });
}

/** Why these contracts cannot follow an earlier release, in sentences that say what to do instead. */
export function breaksSince(release: Release, today: readonly Contract[]): readonly string[] {
  return contractsOf(release, today).flatMap(({ name, schema, isRequest }) => {
    const now = today.find((contract) => contract.name === name);
    if (now === undefined) {
      return [`${name}: it is gone since ${release.version}. Instead: keep it, others read and write it.`];
    }
    const breaks = breaksBetween({ name, older: schema, newer: now.schema, isRequest });
    return breaks.map((one) => `Since ${release.version}: ${breakText(one)}`);
  });
}

/** What of these contracts no release has, in a sentence; null where the newest one has all of it. */
export function unreleasedIn(releases: readonly Release[], today: readonly Contract[]): string | null {
  const newest = releases.at(-1);
  const changed = Object.entries(releaseFilesOf(today)).filter(([path, text]) => newest?.files[path] !== text);
  const names = changed.map(([path]) => path).filter((path) => path !== SUMS);
  if (newest === undefined || names.length === 0) return newest === undefined ? 'Nothing was released yet.' : null;
  return `${names.join(', ')}: not as in ${newest.version}. Cut a release before this is published: npm run contracts:release -- <version>`;
}

/** Why a version cannot be the next one; null where it can. A new major version would have to be read by all that read the old one. */
export function refusalOfVersion(version: string, released: readonly string[]): string | null {
  const [major, ...rest] = numbersOf(version) ?? [];
  if (major === undefined) return `${version} is no version: three numbers with points between, such as 1.1.0`;
  const newest = released.toSorted(byVersion).at(-1);
  if (newest === undefined) return null;
  if (byVersion(version, newest) <= 0) return `${version} is not newer than ${newest}, which was released`;
  if (major === numbersOf(newest)?.[0] && rest.length === 2) return null;
  return `${version} would be a new major version: contracts only grow, so that all readers go on; stay with ${newest.split('.')[0]}`;
}

/** For `toSorted`: the older one first. */
export function byVersion(one: string, other: string): number {
  const [a = [], b = []] = [numbersOf(one) ?? [], numbersOf(other) ?? []];
  return a.map((number, at) => number - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

function numbersOf(version: string): readonly number[] | null {
  return /^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$/.test(version) ? version.split('.').map(Number) : null;
}

function byPath(one: string, other: string): number {
  return one.slice(66) < other.slice(66) ? -1 : 1;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const schemaPath = (name: string) => `schemas/${name}.schema.json`;
const fixturesPath = (name: string) => `fixtures/${name}.json`;
