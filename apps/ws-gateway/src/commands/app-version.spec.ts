import { describe, expect, it } from 'vitest';
import { isInRange, parseVersionRange } from './app-version.ts';

/** By SemVer 2.0, section 11, lowest first. */
const ORDERED = [
  '0.9.9',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
];
ORDERED.push('1.0.0-rc.1', '1.0.0', '1.0.1', '1.2.0', '1.10.0', '2.0.0');

function isIn(text: string, version: string): boolean {
  const range = parseVersionRange(text);
  if (range === null) throw new Error(`no range: ${text}`);
  return isInRange(range, version);
}

describe('a range of versions', () => {
  it('compares as SemVer orders', () => {
    for (const [at, one] of ORDERED.entries()) {
      for (const [otherAt, other] of ORDERED.entries()) {
        expect([one, other, isIn(`>${one}`, other)]).toEqual([one, other, otherAt > at]);
        expect(isIn(`>=${one}`, other)).toBe(otherAt >= at);
        expect(isIn(`<${one}`, other)).toBe(otherAt < at);
        expect(isIn(`<=${one}`, other)).toBe(otherAt <= at);
        expect(isIn(one, other)).toBe(otherAt === at);
      }
    }
  });

  it.each([
    ['>=2.1.0 <3.0.0', '2.1.0', true],
    ['>=2.1.0 <3.0.0', '3.0.0', false],
    ['<1.0.0 || >=2.0.0', '1.5.0', false],
    ['<1.0.0 || >=2.0.0', '2.0.0', true],
    ['^1.2.3', '1.99.0', true],
    ['^1.2.3', '2.0.0-rc.1', false],
    ['^0.2.3', '0.3.0', false],
    ['^0.0.3', '0.0.4', false],
    ['~1.2.3', '1.2.9', true],
    ['~1.2.3', '1.3.0', false],
    ['=1.2.3', '1.2.3+build.7', true],
    ['>=1.0.0', 'unknown', false],
  ])('%s has %s in it: %s', (range, version, expected) => {
    expect(isIn(range, version)).toBe(expected);
  });

  it.each(['', '1', '1.2', '>', '>=1.0.0 ||', '>=1.0.0 x', '01.0.0', '1.0.0 - 2.0.0'])('is not %j', (text) => {
    expect(parseVersionRange(text)).toBeNull();
  });
});
