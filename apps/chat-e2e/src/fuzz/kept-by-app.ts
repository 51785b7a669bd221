import { RestCaller } from '../clients/rest-caller.ts';
import { parseUsage } from '../faults/readback/read-usage.ts';
import { readMetrics } from '../harness/app-metrics.ts';
import type { ChatAddresses } from '../harness/chat-addresses.ts';
import type { InstanceName } from '../harness/app-instances.ts';

/** What an app holds, as it says itself. */
export interface KeptByApp {
  /** On the heap and what hangs on it; that the process has more of the machine's memory says little of what it keeps. */
  readonly bytes: number;
  /** Series of its metrics; the buckets of a histogram are one. */
  readonly seriesCount: number;
}

/** Once it has collected its garbage. */
export async function keptBy({ pids, internalUrls }: ChatAddresses, name: InstanceName): Promise<KeptByApp> {
  process.kill(pids[name], 'SIGUSR2');
  await new RestCaller(internalUrls[name]).get('/livez'); // by its answer the signal has been heard
  const text = await readMetrics(internalUrls[name]);
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.includes('_bucket{'));
  return { bytes: parseUsage(text).memoryBytes, seriesCount: series.length };
}
