import type { Admin } from 'kafkajs';

/** First offset that is still in the log, and the one behind the last record that a read-committed reader may see. */
export interface LogRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range of every partition of a topic (by its name on the cluster). kafkajs asks read-committed, so that an open
 * transaction lies beyond the end: pinned there, a reader sees it once it is committed.
 */
export async function fetchLogRanges(admin: Admin, topic: string): Promise<ReadonlyMap<number, LogRange>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(offsets.map(({ partition, low, high }) => [partition, { start: Number(low), end: Number(high) }]));
}
