import { describe, expect, it } from 'vitest';
import type { Contract } from './contracts.ts';
import {
  breaksSince,
  byVersion,
  contractsOf,
  refusalOfVersion,
  releaseFilesOf,
  tamperingWith,
  unreleasedIn,
} from './release.ts';

const contract = (name: string, properties: object, isRequest = false): Contract => ({
  name,
  schema: { type: 'object', properties },
  fixtures: { shortest: {} },
  isRequest,
});
const CONTRACTS = [contract('MessageDTO', { id: { type: 'integer' } }), contract('BanRequest', {}, true)];
const RELEASE = { version: '1.0.0', files: releaseFilesOf(CONTRACTS) };
const MESSAGE = 'schemas/MessageDTO.schema.json';

describe('a release', () => {
  it('has schema and fixtures of every contract, and gives them back', () => {
    expect(Object.keys(RELEASE.files).toSorted()).toEqual([
      'SHA256SUMS',
      'fixtures/BanRequest.json',
      'fixtures/MessageDTO.json',
      'schemas/BanRequest.schema.json',
      MESSAGE,
    ]);
    expect(contractsOf(RELEASE, CONTRACTS)).toEqual(CONTRACTS);
  });

  it('is as it was cut', () => {
    expect(tamperingWith(RELEASE)).toEqual([]);
  });

  it.each([
    ['was changed', { ...RELEASE.files, [MESSAGE]: `${RELEASE.files[MESSAGE]} ` }],
    ['was added', { ...RELEASE.files, 'schemas/New.schema.json': '{}' }],
    ['is missing', Object.fromEntries(Object.entries(RELEASE.files).filter(([path]) => path !== MESSAGE))],
  ])('says so where a file %s', (what, files) => {
    const [sentence, ...others] = tamperingWith({ version: '1.0.0', files });
    expect(sentence).toMatch(new RegExp(`^releases/1.0.0/schemas/.+ ${what}. A release never changes`));
    expect(others).toEqual([]);
  });
});

describe('contracts after a release', () => {
  it('may be the same, and more', () => {
    expect(breaksSince(RELEASE, [...CONTRACTS, contract('NewDTO', {})])).toEqual([]);
  });

  it('may not lack one of it', () => {
    expect(breaksSince(RELEASE, CONTRACTS.slice(1))).toEqual([
      expect.stringMatching(/^MessageDTO: it is gone since 1.0.0/),
    ]);
  });

  it('may not break one of it', () => {
    const changed = [contract('MessageDTO', { id: { type: 'string' } }), ...CONTRACTS.slice(1)];
    expect(breaksSince(RELEASE, changed)).toEqual([
      'Since 1.0.0: MessageDTO.id: the type changed from integer to string. Instead: leave it as it was and add an optional field beside it.',
    ]);
  });
});

describe('what may be published', () => {
  it('is what the newest release has', () => {
    expect(unreleasedIn([RELEASE], CONTRACTS)).toBeNull();
  });

  it('is nothing that was added or changed since, and nothing before the first release', () => {
    expect(unreleasedIn([RELEASE], [...CONTRACTS, contract('NewDTO', {})])).toBe(
      'schemas/NewDTO.schema.json, fixtures/NewDTO.json: not as in 1.0.0. Cut a release before this is published: npm run contracts:release -- <version>',
    );
    expect(unreleasedIn([], CONTRACTS)).toBe('Nothing was released yet.');
  });
});

describe('the version of a release', () => {
  it.each([
    ['1.0.0', [], null],
    ['1.0.1', ['1.0.0'], null],
    ['1.10.0', ['1.9.0', '1.2.0'], null],
    ['1.1.0', ['1.0.0', '1.1.0'], 'not newer than 1.1.0'],
    ['1.0.5', ['1.1.0'], 'not newer than 1.1.0'],
    ['2.0.0', ['1.1.0'], 'would be a new major version'],
    ['1.1', ['1.0.0'], 'is no version'],
    ['v1.1.0', [], 'is no version'],
    ['01.1.0', [], 'is no version'],
  ])('%s after %j: %s', (version, released, refusal) => {
    const given = refusalOfVersion(version, released);
    if (refusal === null) expect(given).toBeNull();
    else expect(given).toContain(refusal);
  });

  it('is ordered by its numbers', () => {
    expect(['1.10.0', '1.9.9', '1.0.1', '1.0.0'].toSorted(byVersion)).toEqual(['1.0.0', '1.0.1', '1.9.9', '1.10.0']);
  });
});
