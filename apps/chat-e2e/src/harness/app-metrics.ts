const METRICS_DEADLINE_MS = 5_000;

/** What `/metrics` of an internal listener prints; rejects where it does not answer. */
export async function readMetrics(internalUrl: string): Promise<string> {
  const response = await fetch(`${internalUrl}/metrics`, { signal: AbortSignal.timeout(METRICS_DEADLINE_MS) });
  return response.text();
}

/** A counter with one of its labels, such as `reason="OVERLOADED"`; 0 where it has not counted yet. */
export async function readCounter(internalUrl: string, name: string, label: string): Promise<number> {
  return counterIn(await readMetrics(internalUrl), name, label);
}

/** The same of what was printed. */
export function counterIn(metrics: string, name: string, label: string): number {
  const line = metrics.split('\n').find((each) => each.startsWith(`${name}{`) && each.includes(label));
  return Number(line?.split(' ').at(-1) ?? 0);
}
