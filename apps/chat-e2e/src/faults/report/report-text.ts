import type { RunFigures } from './run-figures.ts';

/** The figures of a run for a terminal and for `docs/guarantees.md`: Markdown as Prettier lays it out. */
export function reportText(figures: RunFigures, nameOf: (id: string) => string): string {
  const { phases, faults } = figures;
  return [summaryTable(figures), faultTable(faults, nameOf), phaseTable(phases)].join('\n\n');
}

function summaryTable(figures: RunFigures): string {
  const { faults, phases: _, seed, seconds, violations, longestPauseMs, ...counts } = figures;
  return table([
    ['Figure', 'Value'],
    ['seed', String(seed)],
    ['seconds', String(seconds)],
    ['faults injected', String([...faults.values()].reduce((sum, count) => sum + count, 0))],
    ...Object.entries(counts).map(([name, value]) => [name, String(value)] as const),
    ['broken rules', String(violations)],
    ['longest pause of a client', `${longestPauseMs} ms`],
  ]);
}

function faultTable(faults: RunFigures['faults'], nameOf: (id: string) => string): string {
  const rows = [...faults].map(([id, count]) => [id, nameOf(id), String(count)] as const);
  return table([['Fault', 'What', 'Times'], ...rows]);
}

function phaseTable(phases: RunFigures['phases']): string {
  const rows = phases.map(({ name, count, p50Ms, p99Ms }) => [name, String(count), String(p50Ms), String(p99Ms)]);
  return table([['Sent in', 'Deliveries', 'p50, ms', 'p99, ms'], ...rows]);
}

function table(lines: readonly (readonly string[])[]): string {
  const [head = [], ...body] = lines;
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
  const row = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [row(head), row(widths.map((width) => '-'.repeat(width))), ...body.map(row)].join('\n');
}
