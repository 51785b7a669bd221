import { tableOf } from '@chat/testing';
import { cell, code, withAllDocs } from './docs-section.ts';

/** One metric as `--describe-metrics` of an app prints it. */
export interface MetricRow {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Section of the metrics that all apps have. */
const COMMON = 'every app';

/** `docs/metrics.md` with the metrics of each app between its markers, and once those that all have. */
export function withMetrics(document: string, rowsOf: Readonly<Record<string, readonly MetricRow[]>>): string {
  const [first = [], ...others] = Object.values(rowsOf);
  const common = first.filter((row) => others.every((rows) => rows.some(({ name }) => name === row.name)));
  const commonNames = new Set(common.map(({ name }) => name));
  const own = Object.entries(rowsOf).map(([app, rows]) => [
    app,
    metricTable(rows.filter(({ name }) => !commonNames.has(name))),
  ]);
  return withAllDocs(document, { [COMMON]: metricTable(common), ...Object.fromEntries(own) });
}

/** Ours first, then those of the process; each by name. */
function metricTable(rows: readonly MetricRow[]): string {
  const rank = ({ name }: MetricRow) => `${name.startsWith('chat_') ? 0 : 1}${name}`;
  const cells = rows
    .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map(({ name, type, help, labels }) => [code(name), type, labels.map(code).join(', '), cell(help)]);
  return tableOf(['Metric', 'Type', 'Labels', 'Says'], cells);
}
