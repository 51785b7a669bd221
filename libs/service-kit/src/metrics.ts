import { collectDefaultMetrics, Registry, type Counter } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * How often the lag of the event loop is measured, in ms: prom-client's own 10 ms wake an idle process a hundred times a second.
 * What is measured is the time between two looks, so no stall is too short to be seen.
 */
const LAG_RESOLUTION_MS = 100;

/** A registry with the process's own metrics in it: CPU, memory, handles, event-loop lag. */
export function createMetricsRegistry(app: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_RESOLUTION_MS });
  return registry;
}

/** Has the counter show 0 for each of these values of its one label: of a series that begins at 1, no rate sees the first. */
export function startAtZero<Label extends string, Value extends string>(
  counter: Counter<Label>,
  label: Label,
  values: readonly Value[],
): Counter<Label> {
  for (const value of values) counter.inc({ [label]: value } as Record<Label, Value>, 0); // a computed key loses its type
  return counter;
}

/** A metric as documents and checks know it. */
export interface MetricRow {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Its own labels, without those of every series. */
  readonly labels: readonly string[];
}

/** Every metric of a registry, in the order of their making. */
export function describeMetrics(registry: Registry): readonly MetricRow[] {
  return registry.getMetricsAsArray().map((metric) => {
    const { name, help, type, labelNames = [] } = metric as typeof metric & { labelNames?: readonly string[] }; // the types leave it out
    return { name, type: String(type), help, labels: [...labelNames] };
  });
}
