import { stripVTControlCharacters } from 'node:util';

/** How many tests ended how. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NO_TESTS: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/** A line such as `      Tests  1 failed | 12 passed | 2 skipped (15)`, as vitest ends its report. */
const SUMMARY = /^\s*Tests\s+(.+?)\s*\(\d+\)\s*$/;
const PART = /(\d+) (passed|failed|skipped|todo)/g;

/** Sums up the reports of vitest in an output. */
export function countTests(output: string): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of stripVTControlCharacters(output).split('\n')) {
    const summary = SUMMARY.exec(line)?.[1] ?? '';
    for (const [, count, outcome] of summary.matchAll(PART)) {
      if (outcome === 'passed' || outcome === 'failed') counts[outcome] += Number(count);
      else counts.skipped += Number(count);
    }
  }
  return counts;
}

export function addCounts(left: TestCounts, right: TestCounts): TestCounts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

/** How a section ended. */
export interface SectionResult {
  readonly name: string;
  readonly hasTests: boolean;
  /** Why its program failed, in a sentence; null when its exit status was 0. */
  readonly failure: string | null;
  readonly counts: TestCounts;
}

/** Why a section does not pass, or null. */
export function problemOf({ name, hasTests, failure, counts }: SectionResult): string | null {
  if (counts.failed > 0) return `${name} has ${counts.failed} failed test(s)`;
  if (failure !== null) return failure;
  if (hasTests && counts.passed === 0) return `${name} ran no test`;
  return null;
}

/**
 * The closing line: how many of the sections that ran have passed, then tests, and one failure more for each section that failed
 * without a failed test.
 */
export function closingLine(results: readonly SectionResult[]): string {
  const counts = results.map((result) => result.counts).reduce(addCounts, NO_TESTS);
  const notPassed = results.filter((result) => problemOf(result) !== null);
  const failed = counts.failed + notPassed.filter((result) => result.counts.failed === 0).length;
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  const tests = counts.passed + failed === 0 ? '0 tests' : `${counts.passed} passed, ${failed} failed${skipped}`;
  return `${describeSections(results.length, notPassed.length)}; ${tests}`;
}

function describeSections(count: number, failed: number): string {
  const sections = `${count} section${count === 1 ? '' : 's'} passed`;
  return failed === 0 ? sections : `${count - failed} of ${sections}`;
}
