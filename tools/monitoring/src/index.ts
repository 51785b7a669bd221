import { ruleFile, ruleTestFile, runbooksText } from './alerts/alert-files.ts';
import { alertQueries, ALERTS } from './alerts/alert-table.ts';
import { DASHBOARDS } from './dashboards/dashboard-table.ts';
import { grafanaJson, queriesOf } from './dashboards/dashboard.ts';

export { exposedIn, metricTypesIn, unknownIn, type ExposedMetrics } from './promql/exposed-metrics.ts';
export { withoutVariables } from './promql/read-query.ts';

/** A query that somebody relies on, and where it stands. */
export interface WrittenQuery {
  readonly where: string;
  readonly expr: string;
}

/** Every query of a dashboard, an alert, or a runbook. */
export function writtenQueries(): readonly WrittenQuery[] {
  return [...DASHBOARDS.flatMap(queriesOf), ...alertQueries(ALERTS)];
}

/** Path from the root of the repository → text, of each file that is written from the tables as a whole. */
export function monitoringFiles(): Readonly<Record<string, string>> {
  return {
    'docker/prometheus/alerts.yml': ruleFile(ALERTS),
    'docker/prometheus/alerts.test.yml': ruleTestFile(ALERTS),
    'deploy/helm/chat-service/files/alerts.yml': ruleFile(ALERTS),
    ...Object.fromEntries(
      DASHBOARDS.map((dashboard) => [
        `docker/grafana/dashboards/${dashboard.name}.json`,
        `${JSON.stringify(grafanaJson(dashboard), null, 2)}\n`,
      ]),
    ),
  };
}

/** What `docs/operations.md` says of the alerts. */
export function runbooks(): string {
  return runbooksText(ALERTS);
}
