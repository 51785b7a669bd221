import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DTO_SCHEMAS } from '@chat/dto';
import { decodeRecord, TOPIC_NAMES } from '@chat/kafka-contracts';
import { describe, expect, it } from 'vitest';
import { contractPackages, ROOT, type Contract } from './contracts.ts';
import { breaksSince, byVersion, contractsOf, tamperingWith } from './release.ts';
import { releasesOf } from './released.ts';
import { validatorOf } from './validator.ts';

interface Version {
  readonly version: string;
  readonly contracts: readonly Contract[];
}

/** Today's reader of a contract, as the apps read it; null for keys and headers, which they read piece by piece. */
function readerOf(name: string): ((value: unknown) => boolean) | null {
  const topic = TOPIC_NAMES.find((one) => name === `${one}.value`);
  if (topic !== undefined) return (value) => decodeRecord(topic, Buffer.from(JSON.stringify(value))).ok;
  const schema = DTO_SCHEMAS[name as keyof typeof DTO_SCHEMAS];
  return schema === undefined ? null : (value) => schema.safeParse(value).success;
}

/** What a reader says of everything that a writer of its version writes. */
function refusedBy(reader: Version, writer: Version): readonly string[] {
  return writer.contracts.flatMap(({ name, fixtures, isRequest }) => {
    const read = reader.contracts.find((contract) => contract.name === name);
    if (read === undefined || (isRequest && isOlder(reader, writer))) return []; // an old service has no newer clients
    const problemOf = validatorOf(read.schema);
    return Object.entries(fixtures).flatMap(([about, value]) => {
      const problem = problemOf(value);
      return problem === null ? [] : [`${name}, ${about}: ${problem}`];
    });
  });
}

describe.each(contractPackages().map((one) => [one.folder, one.contracts] as const))(
  'releases of %s',
  (folder, contracts) => {
    const releases = releasesOf(join(ROOT, folder));
    const versions: readonly Version[] = [
      ...releases.map((release) => ({ version: release.version, contracts: contractsOf(release, contracts) })),
      { version: 'today', contracts },
    ];
    const pairs = versions.flatMap((reader) =>
      versions.map((writer) => [reader.version, writer.version, reader, writer] as const),
    );

    it('are as they were cut', () => {
      expect(releases.flatMap(tamperingWith)).toEqual([]);
    });

    it('end with the version of the package', () => {
      const { version } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as { version: string };
      expect(releases.at(-1)?.version).toBe(version);
    });

    it.each(releases.map((release) => [release.version, release] as const))(
      'are not broken since: %s',
      (_, release) => {
        expect(breaksSince(release, contracts)).toEqual([]);
      },
    );

    it.each(pairs)('a reader of %s takes what a writer of %s writes', (_reader, _writer, reader, writer) => {
      expect(refusedBy(reader, writer)).toEqual([]);
    });

    it.each(versions.map((one) => [one.version, one] as const))(
      'the apps of today read what was written by %s',
      (_, writer) => {
        const refused = writer.contracts.flatMap(({ name, fixtures }) => {
          const reads = readerOf(name);
          return reads === null
            ? []
            : Object.entries(fixtures).flatMap(([about, value]) => (reads(value) ? [] : [`${name}, ${about}`]));
        });
        expect(refused).toEqual([]);
      },
    );
  },
);

function isOlder(one: Version, other: Version): boolean {
  return one.version !== 'today' && (other.version === 'today' || byVersion(one.version, other.version) < 0);
}
