/** A version by SemVer 2.0: three numbers, and what comes before a release; what is behind `+` orders nothing. */
interface Version {
  readonly numbers: readonly [number, number, number];
  readonly prerelease: readonly string[];
}
interface Comparator {
  readonly holds: (order: number) => boolean;
  readonly version: Version;
}
/** What a version may be: all comparators of one of the alternatives hold. */
export type VersionRange = readonly (readonly Comparator[])[];

const VERSION = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;
const NUMBER = /^\d+$/;
const COMPARATOR = /^(<=|>=|<|>|=|\^|~)?(.+)$/;
const OPERATORS: Readonly<Record<string, Comparator['holds']>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '=': (order) => order === 0,
};

/**
 * Reads a range: versions with `<`, `<=`, `>`, `>=`, `=`, `^` (up to the next that may break) or `~` (up to the next minor)
 * before them, separated by spaces where all must hold, by `||` where one of them is enough. Null where it is none.
 */
export function parseVersionRange(text: string): VersionRange | null {
  const alternatives = text.split('||').map((part) => part.trim().split(/ +/).map(comparatorsOf));
  if (alternatives.flat().includes(null)) return null;
  return alternatives.map((parts) => parts.flatMap((part) => part ?? []));
}

/** Whether an app of this version is meant; one that is no version never is. */
export function isInRange(range: VersionRange, text: string): boolean {
  const version = parseVersion(text);
  if (version === null) return false;
  return range.some((all) => all.every((each) => each.holds(compare(version, each.version))));
}

function comparatorsOf(text: string): readonly Comparator[] | null {
  const [, operator = '=', rest = ''] = COMPARATOR.exec(text) ?? [];
  const version = parseVersion(rest);
  if (version === null) return null;
  const holds = OPERATORS[operator];
  if (holds !== undefined) return [{ holds, version }];
  const end: Version = { numbers: operator === '^' ? nextBreaking(version) : nextMinor(version), prerelease: ['0'] };
  return [
    { holds: (order) => order >= 0, version },
    { holds: (order) => order < 0, version: end }, // before the first prerelease of the next
  ];
}

function parseVersion(text: string): Version | null {
  const [match, major, minor, patch, prerelease] = VERSION.exec(text) ?? [];
  if (match === undefined) return null;
  return { numbers: [Number(major), Number(minor), Number(patch)], prerelease: prerelease?.split('.') ?? [] };
}

function nextBreaking({ numbers: [major, minor, patch] }: Version): Version['numbers'] {
  if (major > 0) return [major + 1, 0, 0];
  return minor > 0 ? [0, minor + 1, 0] : [0, 0, patch + 1];
}

function nextMinor({ numbers: [major, minor] }: Version): Version['numbers'] {
  return [major, minor + 1, 0];
}

/** By SemVer 2.0, section 11. */
function compare(one: Version, other: Version): number {
  for (const at of [0, 1, 2] as const) {
    if (one.numbers[at] !== other.numbers[at]) return one.numbers[at] - other.numbers[at];
  }
  if (one.prerelease.length === 0 || other.prerelease.length === 0)
    return other.prerelease.length - one.prerelease.length;
  for (const [at, part] of one.prerelease.entries()) {
    const order = compareParts(part, other.prerelease[at]);
    if (order !== 0) return order;
  }
  return one.prerelease.length - other.prerelease.length;
}

function compareParts(one: string, other: string | undefined): number {
  if (other === undefined) return 1;
  const [isNumber, isOtherNumber] = [NUMBER.test(one), NUMBER.test(other)];
  if (isNumber && isOtherNumber) return Number(one) - Number(other);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return one < other ? -1 : Number(one > other);
}
