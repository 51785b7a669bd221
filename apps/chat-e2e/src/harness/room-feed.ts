import { readMetrics, sumIn } from './app-metrics.ts';

/** What a gateway has done with records of `chat-messages` since its start: `chat_gateway_feed_records_total`, by its steps. */
export interface FeedCounts {
  /** As one that reads everything. */
  readonly read: number;
  /** As who routes their partition. */
  readonly judged: number;
  /** As one that is sent its rooms. */
  readonly received: number;
}

export async function readFeedCounts(internalUrl: string): Promise<FeedCounts> {
  const metrics = await readMetrics(internalUrl);
  const countOf = (step: string) => sumIn(metrics, 'chat_gateway_feed_records_total', `step="${step}"`);
  return { read: countOf('read'), judged: countOf('judged'), received: countOf('received') };
}

/** How gateways get `chat-messages` in this run: `ROOM_FEED` of its environment, else as is their default. */
export function roomFeedEnv({ ROOM_FEED }: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return ROOM_FEED === undefined ? {} : { ROOM_FEED };
}
