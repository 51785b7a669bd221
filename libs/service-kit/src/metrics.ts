import { collectDefaultMetrics, Registry } from 'prom-client';

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
