import type { TopicName } from '@chat/kafka-contracts';
import type { Admin } from 'kafkajs';
import type { KafkaClient } from './client.ts';
import { retryPassing } from './retry-passing.ts';

/** How long a partition may be without a leader, such as right after the creation of its topic, in ms. */
const LEADER_DEADLINE_MS = 10_000;

/** First offset that is still in the log, and the one behind the last record that a read-committed reader may see. */
export interface LogRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range of every partition of a topic (by its name on the cluster). kafkajs asks read-committed, so that an open
 * transaction lies beyond the end: pinned there, a reader sees it once it is committed. Waits up to 10 s for leaders, which
 * kafkajs does not.
 */
export async function fetchLogRanges(admin: Admin, topic: string): Promise<ReadonlyMap<number, LogRange>> {
  const offsets = await retryPassing(() => admin.fetchTopicOffsets(topic), LEADER_DEADLINE_MS);
  return new Map(offsets.map(({ partition, low, high }) => [partition, { start: Number(low), end: Number(high) }]));
}

/** The same of a topic of this service, by a connection of its own. */
export async function findLogRanges(client: KafkaClient, topic: TopicName): Promise<ReadonlyMap<number, LogRange>> {
  const admin = client.createAdmin();
  await admin.connect();
  try {
    return await fetchLogRanges(admin, client.topicName(topic));
  } finally {
    await admin.disconnect();
  }
}
