import { readQuery } from './read-query.ts';

/** Names of samples → the labels that any of their series has. */
export type ExposedMetrics = ReadonlyMap<string, ReadonlySet<string>>;

/** What Prometheus puts on every series that it scrapes. */
const TARGET_LABELS = ['job', 'instance'];
/** What Prometheus itself makes. */
const OF_PROMETHEUS: Readonly<Record<string, readonly string[]>> = {
  up: TARGET_LABELS,
  ALERTS: ['alertname', 'alertstate', 'severity'],
};

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? \S+$/;
const LABEL = /([A-Za-z_]\w*)="(?:[^"\\]|\\.)*"/g;
const TYPE = /^# TYPE (\S+) (\S+)$/gm;

/** The metrics of one text of `/metrics`, by name and type, whether or not they have a sample. */
export function metricTypesIn(text: string): ReadonlyMap<string, string> {
  return new Map(Array.from(text.matchAll(TYPE), ([, name = '', type = '']) => [name, type]));
}

/** All that Prometheus has once it has scraped these texts of `/metrics`. */
export function exposedIn(texts: readonly string[]): ExposedMetrics {
  const exposed = new Map<string, Set<string>>();
  const note = (name: string, labels: readonly string[]) => {
    const known = exposed.get(name) ?? new Set(TARGET_LABELS);
    for (const label of labels) known.add(label);
    exposed.set(name, known);
  };
  for (const [name, labels] of Object.entries(OF_PROMETHEUS)) note(name, labels);
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const sample = SAMPLE.exec(line);
    if (sample === null) continue;
    const [, name = '', labels = ''] = sample;
    note(
      name,
      Array.from(labels.matchAll(LABEL), ([, label = '']) => label),
    );
  }
  return exposed;
}

/** What a query asks for and nobody exposes: metrics, and labels that none of their series has. */
export function unknownIn(query: string, exposed: ExposedMetrics): readonly string[] {
  const { selectors, groupings } = readQuery(query);
  const unknown = new Set<string>();
  for (const { metric, labels } of selectors) {
    const known = exposed.get(metric);
    if (known === undefined) unknown.add(`metric ${metric}`);
    else for (const label of labels) if (!known.has(label)) unknown.add(`label ${label} of ${metric}`);
  }
  for (const { labels, metrics } of groupings) {
    const isKnown = (label: string) => metrics.some((metric) => exposed.get(metric)?.has(label));
    for (const label of labels) if (!isKnown(label)) unknown.add(`label ${label} of ${metrics.join(', ')}`);
  }
  return [...unknown];
}
