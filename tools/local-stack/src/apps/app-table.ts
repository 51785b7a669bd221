/** One process of an app in the local stack. */
export interface AppInstance {
  /** Its name in `stack.json` and in the file of its log. */
  readonly name: string;
  /** The folder below `apps/`. */
  readonly app: string;
  /** Usual port of the public listener, where the app has one. */
  readonly publicPort: number | null;
  /** Usual port of the internal listener. */
  readonly internalPort: number;
  /** Instances of a lower wave stop first: who takes work in before who finishes it. */
  readonly stopWave: number;
}

export const APP_INSTANCES: readonly AppInstance[] = [
  { name: 'rooms-api', app: 'rooms-api', publicPort: 8080, internalPort: 9080, stopWave: 1 },
  { name: 'ws-gateway-1', app: 'ws-gateway', publicPort: 8081, internalPort: 9081, stopWave: 1 },
  { name: 'ws-gateway-2', app: 'ws-gateway', publicPort: 8082, internalPort: 9082, stopWave: 1 },
  { name: 'presence-worker', app: 'presence-worker', publicPort: null, internalPort: 9083, stopWave: 2 },
  { name: 'message-persister', app: 'message-persister', publicPort: null, internalPort: 9084, stopWave: 2 },
];

/** The instances in the order of their stop: one list a wave. */
export function stopWaves<Item extends Pick<AppInstance, 'stopWave'>>(instances: readonly Item[]): Item[][] {
  const waves = Map.groupBy(instances, ({ stopWave }) => stopWave);
  return [...waves].toSorted(([left], [right]) => left - right).map(([, items]) => items);
}

/** Folders of the apps, each once. */
export function appNames(): string[] {
  return [...new Set(APP_INSTANCES.map(({ app }) => app))];
}
