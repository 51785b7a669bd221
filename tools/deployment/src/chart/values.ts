import { parse } from 'yaml';
import { readRepositoryFile, type AppName } from '../repository.ts';

export interface AppValues {
  readonly ports: { readonly public?: number; readonly internal: number };
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: { readonly required: readonly string[]; readonly optional: readonly string[] };
}

/** What the tests read of the chart's values; its own schema says the rest. */
export interface ChartValues {
  readonly kafka: { readonly chatMessagesPartitions: number };
  readonly settings: Readonly<Record<string, unknown>>;
  readonly wsGateway: {
    readonly autoscaling: { readonly sessionsPerPod: number };
    readonly resources: { readonly requests: { readonly memory: string } };
  };
  readonly apps: Readonly<Record<AppName, AppValues>>;
}

const CHART = 'deploy/helm/chat-service';

export function readValues(): ChartValues {
  const values = parse(readRepositoryFile(CHART, 'values.yaml')) as Record<string, AppValues> &
    Omit<ChartValues, 'apps'>; // held against its schema
  return {
    ...values,
    apps: Object.fromEntries(Object.entries(IN_VALUES).map(([app, key]) => [app, values[key]])) as ChartValues['apps'],
  }; // one entry an app
}

/** Names of apps as values of Helm have them. */
const IN_VALUES: Readonly<Record<AppName, string>> = {
  'rooms-api': 'roomsApi',
  'ws-gateway': 'wsGateway',
  'presence-worker': 'presenceWorker',
  'message-persister': 'messagePersister',
};

/** The variables that templates of the chart give to apps. */
export function templateVariables(): string[] {
  const text = readRepositoryFile(CHART, 'templates/_helpers.tpl');
  return [...text.matchAll(/"([A-Z][A-Z0-9_]+)" |^- name: ([A-Z][A-Z0-9_]+)$/gm)].map(
    ([, inDict, inList]) => inDict ?? inList ?? '',
  );
}
