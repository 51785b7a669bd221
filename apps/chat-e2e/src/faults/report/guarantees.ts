import { RULE_NAMES, RULES, type Violation } from '../checkers/check-history.ts';

/** The document with a text between the markers of that name; throws where it has none. */
export function withResult(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: written by \`npm run test:faults -- --write\` -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no place for ${name}: ${begin} … ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
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
