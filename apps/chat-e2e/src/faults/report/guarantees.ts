import type { DocumentSection } from '@chat/testing';
import { RULE_NAMES, RULES, type Violation } from '../checkers/check-history.ts';

/** The place of a promise, or of the figures, in docs/guarantees.md. */
export function guaranteeSection(name: string): DocumentSection {
  return { name, command: 'npm run test:faults -- --write' };
}

/** For each promise a list of its rules, and how often each was broken in a run. */
export function verdicts(violations: readonly Violation[]): ReadonlyMap<string, string> {
  const byPromise = Map.groupBy(RULE_NAMES, (rule) => RULES[rule].promise);
  const lineOf = (rule: (typeof RULE_NAMES)[number]) => {
    const count = violations.filter((violation) => violation.rule === rule).length;
    return `- ${rule}: ${count === 0 ? 'held' : `broken ${count} times`}`;
  };
  return new Map([...byPromise].map(([promise, rules]) => [promise, rules.map(lineOf).join('\n')]));
}
