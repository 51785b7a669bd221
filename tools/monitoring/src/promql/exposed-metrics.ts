import { readQuery, type Matcher } from './read-query.ts';

/** Names of samples → the labels that any of their series has → their values; null: any value may come. */
export type ExposedMetrics = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string> | null>>;

/** What Prometheus puts on every series that it scrapes. */
const TARGET_LABELS = ['job', 'instance'];
/** What Prometheus itself makes. */
const OF_PROMETHEUS: Readonly<Record<string, readonly string[]>> = {
  up: TARGET_LABELS,
  ALERTS: ['alertname', 'alertstate', 'severity'],
};

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? \S+$/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const TYPE = /^# TYPE (\S+) (\S+)$/gm;

/** The metrics of one text of `/metrics`, by name and type, whether or not they have a sample. */
export function metricTypesIn(text: string): ReadonlyMap<string, string> {
  return new Map(Array.from(text.matchAll(TYPE), ([, name = '', type = '']) => [name, type]));
}

/** All that Prometheus has once it has scraped these texts of `/metrics`. */
export function exposedIn(texts: readonly string[]): ExposedMetrics {
  const exposed = new Map<string, Map<string, Set<string> | null>>();
  const labelsOf = (name: string) => {
    const known = exposed.get(name) ?? new Map<string, Set<string> | null>(TARGET_LABELS.map((label) => [label, null]));
    exposed.set(name, known);
    return known;
  };
  for (const [name, labels] of Object.entries(OF_PROMETHEUS))
    for (const label of labels) labelsOf(name).set(label, null);
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const sample = SAMPLE.exec(line);
    if (sample === null) continue;
    const [, name = '', labels = ''] = sample;
    const known = labelsOf(name);
    for (const [, label = '', value = ''] of labels.matchAll(LABEL)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
  }
  return exposed;
}

/**
 * What a query asks for and nobody exposes: metrics, labels that none of their series has, and values that none of them has
 * there, unless `rare` has them, by label: those that a healthy run does not show.
 */
export function unknownIn(
  query: string,
  exposed: ExposedMetrics,
  rare: Readonly<Record<string, readonly string[]>> = {},
): readonly string[] {
  const { selectors, groupings } = readQuery(query);
  const unknown = new Set<string>();
  for (const { metric, matchers } of selectors) {
    const known = exposed.get(metric);
    if (known === undefined) unknown.add(`metric ${metric}`);
    else
      for (const what of matchers.flatMap((matcher) => unknownOf(matcher, known, rare)))
        unknown.add(`${what} of ${metric}`);
  }
  for (const { labels, metrics } of groupings) {
    const isKnown = (label: string) => metrics.some((metric) => exposed.get(metric)?.has(label));
    for (const label of labels) if (!isKnown(label)) unknown.add(`label ${label} of ${metrics.join(', ')}`);
  }
  return [...unknown];
}

function unknownOf(
  { label, values }: Matcher,
  known: ReadonlyMap<string, ReadonlySet<string> | null>,
  rare: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const there = known.get(label);
  if (there === undefined) return [`label ${label}`];
  if (there === null) return [];
  const missing = values.filter((value) => !there.has(value) && rare[label]?.includes(value) !== true);
  return missing.map((value) => `value ${value} of label ${label}`);
}
