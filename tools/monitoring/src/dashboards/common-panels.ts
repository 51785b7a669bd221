import type { Graph, Light } from './dashboard.ts';

/** Matchers of a dashboard's app, for those instances that are chosen. */
export function chosen(app: string): string {
  return `app="${app}", instance=~"$instance"`;
}

export function rate(metric: string, matchers: string): string {
  return `rate(${metric}{${matchers}}[$__rate_interval])`;
}

/** A quantile of a histogram over all chosen instances; `by` are further labels. */
export function quantile(share: number, metric: string, matchers: string, ...by: readonly string[]): string {
  return `histogram_quantile(${share}, sum by (${['le', ...by].join(', ')}) (${rate(`${metric}_bucket`, matchers)}))`;
}

/** p50, p99 and the mean's place: what most see, and what the unlucky see. */
export function quantiles(metric: string, matchers: string): Graph['queries'] {
  return [
    { expr: quantile(0.5, metric, matchers), legend: 'p50' },
    { expr: quantile(0.99, metric, matchers), legend: 'p99' },
  ];
}

/** First on each dashboard: is there anybody, can they work, do the parts answer, does an alert fire. */
export function healthLights(app: string): readonly Light[] {
  return [
    { title: 'Instances up', expr: `sum(up{job="${app}"})`, unit: 'none', yellow: 2, red: 1, isGoodAbove: true },
    { title: 'Not ready', expr: `count(chat_ready{app="${app}"} == 0) or vector(0)`, unit: 'none', yellow: 1, red: 2 },
    {
      title: 'Parts that do not answer',
      expr: `count(chat_dependency_up{app="${app}"} == 0) or vector(0)`,
      ...{ unit: 'none', yellow: 1, red: 1 },
    },
    {
      title: 'Alerts firing (all apps)',
      expr: 'count(ALERTS{alertstate="firing"}) or vector(0)',
      ...{ unit: 'none', yellow: 1, red: 3 },
    },
  ];
}

/** What every process uses up. */
export function processGraphs(app: string): readonly Graph[] {
  const ours = chosen(app);
  return [
    {
      title: 'CPU',
      about: 'A Node process has one thread for its work: at 1 it is full.',
      unit: 'none',
      queries: [{ expr: rate('process_cpu_seconds_total', ours), legend: '{{instance}}' }],
    },
    {
      title: 'Memory',
      unit: 'bytes',
      queries: [{ expr: `process_resident_memory_bytes{${ours}}`, legend: '{{instance}}' }],
    },
    {
      title: 'Event loop, p99',
      about: 'Idle is 0.1 s, which is how often it looks; what is above that is how long others had to wait.',
      unit: 's',
      queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${ours}}`, legend: '{{instance}}' }],
    },
  ];
}

/** How appends to Kafka go. */
export function publishingGraphs(app: string): readonly Graph[] {
  const ours = chosen(app);
  return [
    {
      title: 'Append to Kafka',
      unit: 's',
      queries: quantiles('chat_kafka_append_seconds', `${ours}, outcome="acknowledged"`),
    },
    {
      title: 'Records that wait for Kafka',
      unit: 'short',
      queries: [{ expr: `chat_kafka_queued_records{${ours}}`, legend: '{{instance}}' }],
    },
  ];
}

export function failedAppends(app: string): Graph {
  return {
    title: 'Appends that failed',
    unit: 'ops',
    queries: [
      {
        expr: `sum by (instance) (${rate('chat_kafka_append_records_total', `${chosen(app)}, outcome="failed"`)})`,
        legend: '{{instance}}',
      },
    ],
  };
}

/** How consumers keep up, by topic. */
export function consumingGraphs(app: string): readonly Graph[] {
  const ours = chosen(app);
  return [
    {
      title: 'Offsets behind the log',
      about: 'Asked of the brokers every 5 s.',
      unit: 'short',
      queries: [{ expr: `sum by (topic) (chat_kafka_consumer_lag_offsets{${ours}})`, legend: '{{topic}}' }],
    },
    {
      title: 'Records processed',
      unit: 'ops',
      queries: [{ expr: `sum by (topic) (${rate('chat_kafka_consumed_records_total', ours)})`, legend: '{{topic}}' }],
    },
  ];
}

export function failedBatches(app: string): Graph {
  return {
    title: 'Batches that failed and come again',
    unit: 'ops',
    queries: [
      { expr: `sum by (topic) (${rate('chat_kafka_failed_batches_total', chosen(app))})`, legend: '{{topic}}' },
    ],
  };
}
