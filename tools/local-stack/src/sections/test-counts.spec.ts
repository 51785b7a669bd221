import { describe, expect, it } from 'vitest';
import { closingLine, countTests, NO_TESTS, problemOf, type SectionResult } from './test-counts.ts';

const passed = (name: string, count: number): SectionResult => ({
  name,
  hasTests: true,
  failure: null,
  counts: { ...NO_TESTS, passed: count },
});

describe('countTests', () => {
  it('sums up the reports of all projects, not those of files', () => {
    const output = [
      ' Test Files  2 passed (2)',
      '      Tests  12 passed (12)',
      '   Start at  10:00:00',
      ' Test Files  1 failed | 1 passed (2)',
      '      Tests  1 failed | 7 passed | 2 skipped | 1 todo (11)',
    ].join('\n');
    expect(countTests(output)).toEqual({ passed: 19, failed: 1, skipped: 3 });
  });

  it('sees through colours', () => {
    expect(
      countTests(
        '\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m3 passed\u001b[39m\u001b[22m\u001b[90m (3)\u001b[39m',
      ),
    ).toEqual({
      passed: 3,
      failed: 0,
      skipped: 0,
    });
  });

  it('counts nothing where vitest found no test', () => {
    expect(countTests('No test files found, exiting with code 0\n')).toEqual(NO_TESTS);
  });
});

describe('problemOf', () => {
  it('is null for a section whose tests passed', () => {
    expect(problemOf(passed('e2e', 1))).toBeNull();
  });

  it('is that a section of tests ran none', () => {
    expect(problemOf(passed('e2e', 0))).toBe('e2e ran no test');
    expect(problemOf({ ...passed('format', 0), hasTests: false })).toBeNull();
  });

  it('names failed tests before the exit status of their program', () => {
    const result = {
      ...passed('e2e', 3),
      failure: 'e2e failed (exit code 1)',
      counts: { passed: 3, failed: 2, skipped: 0 },
    };
    expect(problemOf(result)).toBe('e2e has 2 failed test(s)');
  });
});

describe('closingLine', () => {
  it('has the sections that passed, and the counts of all', () => {
    expect(closingLine([passed('check', 20), passed('e2e', 3)])).toBe('2 sections passed; 23 passed, 0 failed');
  });

  it('is not about tests where the sections have none', () => {
    const sections = ['format', 'docs'].map((name) => ({ ...passed(name, 0), hasTests: false }));
    expect(closingLine(sections)).toBe('2 sections passed; 0 tests');
  });

  it('counts a section that failed without a failed test', () => {
    expect(closingLine([{ ...passed('check', 20), failure: 'check failed (exit code 1)' }])).toBe(
      '0 of 1 section passed; 20 passed, 1 failed',
    );
    expect(closingLine([passed('check', 20), passed('e2e', 0)])).toBe('1 of 2 sections passed; 20 passed, 1 failed');
  });

  it('counts failed tests once', () => {
    const failed = { ...passed('check', 5), failure: 'check failed', counts: { passed: 5, failed: 2, skipped: 1 } };
    expect(closingLine([failed])).toBe('0 of 1 section passed; 5 passed, 2 failed, 1 skipped');
  });
});
