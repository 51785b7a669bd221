import { describe, expect, it } from 'vitest';
import { DASHBOARDS } from '../dashboards/dashboard-table.ts';
import { grafanaJson } from '../dashboards/dashboard.ts';
import { runbooks, writtenQueries } from '../index.ts';
import { readQuery } from '../promql/read-query.ts';
import { anchorOf } from './alert.ts';
import { ruleFile, ruleTestFile } from './alert-files.ts';
import { ALERTS } from './alert-table.ts';

describe('the alerts', () => {
  it('have names of their own, and a section of that name each', () => {
    expect(new Set(ALERTS.map(({ name }) => name)).size).toBe(ALERTS.length);
    const headings = Array.from(runbooks().matchAll(/^### (.+)$/gm), ([, heading = '']) => heading.toLowerCase());
    expect(headings).toEqual(ALERTS.map(anchorOf));
  });

  it.each(ALERTS)('$name says all that who is woken needs', ({ summary, description, runbook, severity }) => {
    const { means, users, look, act, wake } = runbook;
    for (const text of [summary, description, means, users, wake, ...act]) expect(text.length).toBeGreaterThan(6);
    expect(look.length).toBeGreaterThan(0);
    expect(act.length).toBeGreaterThan(0);
    if (severity === 'critical') expect(wake).not.toMatch(/^Nobody/);
  });

  it.each(ALERTS)('$name fires for series of metrics that it asks for', ({ expr, fires }) => {
    const asked = readQuery(expr).selectors.map(({ metric }) => metric);
    const given = Object.keys(fires.series).map((series) => series.replace(/\{.*/, ''));
    expect(given.filter((metric) => !asked.includes(metric))).toEqual([]);
  });

  it('become rules with severity, duration, summary, description and the address of their runbook', () => {
    const [alert] = ALERTS.slice(1);
    const text = ruleFile(alert === undefined ? [] : [alert]);
    for (const part of [
      'alert: ChatInstanceDown',
      'for: 2m',
      'severity: warning',
      'summary:',
      'description:',
      'runbook_url: docs/operations.md#chatinstancedown',
    ]) {
      expect(text).toContain(part);
    }
    expect(ruleTestFile(alert === undefined ? [] : [alert])).toContain('a of ws-gateway has not answered Prometheus');
  });
});

describe('the queries of dashboards, alerts and runbooks', () => {
  it.each(writtenQueries())('are PromQL: $where', ({ expr }) => {
    expect(() => readQuery(expr)).not.toThrow();
  });
});

describe.each(DASHBOARDS)('the dashboard of $app', (dashboard) => {
  const panels = grafanaJson(dashboard)['panels'] as {
    type: string;
    id: number;
    gridPos: { x: number; y: number; w: number; h: number };
  }[];

  it('says healthy or not in its first row', () => {
    expect(panels.filter(({ gridPos }) => gridPos.y === 0).map(({ type }) => type)).toEqual(
      dashboard.lights.map(() => 'stat'),
    );
  });

  it('goes on with traffic, latency, saturation and errors', () => {
    expect(dashboard.rows.map(({ title }) => title)).toEqual(['Traffic', 'Latency', 'Saturation', 'Errors']);
  });

  it('has panels that do not lie over each other', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});
