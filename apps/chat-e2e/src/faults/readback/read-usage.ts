/** What an instance holds, by its own metrics. */
export interface AppUsage {
  readonly memoryBytes: number;
  readonly handleCount: number;
  readonly connectionCount: number;
}

const METRICS_DEADLINE_MS = 5_000;

/** Reads `/metrics` of an internal listener; throws where it does not answer or lacks one. */
export async function readUsage(internalUrl: string): Promise<AppUsage> {
  return parseUsage(await readMetrics(internalUrl));
}

/** A counter with one of its labels, such as `reason="OVERLOADED"`; 0 where it has not counted yet. */
export async function readCounter(internalUrl: string, name: string, label: string): Promise<number> {
  const lines = (await readMetrics(internalUrl)).split('\n');
  const line = lines.find((each) => each.startsWith(`${name}{`) && each.includes(label));
  return Number(line?.split(' ').at(-1) ?? 0);
}

async function readMetrics(internalUrl: string): Promise<string> {
  const response = await fetch(`${internalUrl}/metrics`, { signal: AbortSignal.timeout(METRICS_DEADLINE_MS) });
  return response.text();
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
