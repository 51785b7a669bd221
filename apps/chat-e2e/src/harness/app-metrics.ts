const METRICS_DEADLINE_MS = 5_000;

/** What `/metrics` of an internal listener prints; rejects where it does not answer. */
export async function readMetrics(internalUrl: string): Promise<string> {
  const response = await fetch(`${internalUrl}/metrics`, { signal: AbortSignal.timeout(METRICS_DEADLINE_MS) });
  if (response.status !== 200) throw new Error(`no metrics: ${response.status}`);
  return response.text();
}

/** The sum of all series of this name that have these labels, written `name="value"`, among others; 0 where there is none yet. */
export function sumIn(metrics: string, name: string, ...labels: readonly string[]): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** The same, of what an internal listener shows now. */
export async function sumAt(internalUrl: string, name: string, ...labels: readonly string[]): Promise<number> {
  return sumIn(await readMetrics(internalUrl), name, ...labels);
}
