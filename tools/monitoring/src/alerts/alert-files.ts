import { tableOf } from '@chat/testing';
import { stringify } from 'yaml';
import { anchorOf, type Alert } from './alert.ts';

const WRITTEN = '# Written by `npm run docs` from tools/monitoring/src/alerts; change it there.\n';
const RUNBOOKS = 'docs/operations.md';

/** The rule file of Prometheus. */
export function ruleFile(alerts: readonly Alert[]): string {
  const rules = alerts.map((alert) => ({
    alert: alert.name,
    expr: alert.expr,
    for: alert.for,
    labels: { severity: alert.severity },
    annotations: annotationsOf(alert),
  }));
  return WRITTEN + yamlOf({ groups: [{ name: 'chat', rules }] });
}

/** What `promtool test rules` runs: of each alert, when it fires and when it does not. */
export function ruleTestFile(alerts: readonly Alert[]): string {
  const tests = alerts.flatMap((alert) => {
    const { name, severity, fires, rests } = alert;
    const firing = {
      exp_labels: { severity, ...fires.labels },
      exp_annotations: filledIn(annotationsOf(alert), fires.labels),
    };
    return [
      { example: fires, expected: [firing], says: 'fires' },
      { example: rests, expected: [], says: 'rests' },
    ].map(({ example, expected, says }) => ({
      name: `${name} ${says}`,
      interval: '1m',
      input_series: Object.entries(example.series).map(([series, values]) => ({ series, values })),
      alert_rule_test: [{ eval_time: example.at, alertname: name, exp_alerts: expected }],
    }));
  });
  return WRITTEN + yamlOf({ rule_files: ['alerts.yml'], evaluation_interval: '1m', tests });
}

/** The alerts as a part of `docs/operations.md`: a table, and a section each. */
export function runbooksText(alerts: readonly Alert[]): string {
  const rows = alerts.map((alert) => [
    `[${alert.name}](#${anchorOf(alert)})`,
    alert.severity,
    alert.for,
    alert.summary,
  ]);
  return [tableOf(['Alert', 'Severity', 'For', 'Says'], rows), ...alerts.map(runbookText)].join('\n\n');
}

function runbookText({ name, severity, expr, for: duration, runbook }: Alert): string {
  const { means, users, look, act, wake } = runbook;
  return [
    `### ${name}`,
    `${severity === 'critical' ? 'Critical' : 'Warning'}, after ${duration} of \`${expr}\`.`,
    `**What it means.** ${means}`,
    `**What users notice.** ${users}`,
    `**What to look at.**`,
    look.map(([query, tells]) => `- \`${query}\`: ${tells}`).join('\n'),
    `**What to do.**`,
    act.map((step, at) => `${at + 1}. ${step}`).join('\n'),
    `**When to wake somebody.** ${wake}`,
  ].join('\n\n');
}

function annotationsOf(alert: Alert) {
  const { summary, description } = alert;
  return { summary, description, runbook_url: `${RUNBOOKS}#${anchorOf(alert)}` };
}

function filledIn(texts: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>) {
  const fill = (text: string) =>
    text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '');
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)]));
}

function yamlOf(value: unknown): string {
  return stringify(value, { lineWidth: 0, singleQuote: true });
}
