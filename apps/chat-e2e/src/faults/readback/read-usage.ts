import { readMetrics } from '../../harness/app-metrics.ts';

/** What an instance holds, by its own metrics. */
export interface AppUsage {
  readonly memoryBytes: number;
  readonly handleCount: number;
  readonly connectionCount: number;
}

/** Reads `/metrics` of an internal listener; throws where it does not answer or lacks one. */
export async function readUsage(internalUrl: string): Promise<AppUsage> {
  return parseUsage(await readMetrics(internalUrl));
}

/** Memory is what the program holds, not what the process has from the system; connections are the sockets among the handles of the process. */
export function parseUsage(metrics: string): AppUsage {
  const sampleOf = (name: string) => {
    const line = metrics.split('\n').find((each) => each.startsWith(name));
    const value = Number(line?.split(' ').at(-1));
    if (line === undefined || !Number.isFinite(value)) throw new Error(`the metrics have no ${name}`);
    return value;
  };
  return {
    memoryBytes: sampleOf('nodejs_heap_size_used_bytes{') + sampleOf('nodejs_external_memory_bytes{'),
    handleCount: sampleOf('nodejs_active_handles_total{'),
    connectionCount: sampleOf('nodejs_active_handles{type="Socket"'),
  };
}
