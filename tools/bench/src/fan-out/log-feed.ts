import type { KafkaUnderTest } from '@chat/testing';
import { openBacklog } from '../load/backlog.ts';
import { recordOf } from '../load/log-record.ts';
import type { Layout } from './layouts.ts';

/** Puts messages into `chat-messages` as a gateway would write them, room after room. */
export interface LogFeed {
  /** Resolves once the next so many stand in the log, which readers see all at once. */
  feed(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Where the topic exists. */
export async function openLogFeed(kafka: KafkaUnderTest, { roomIds }: Layout): Promise<LogFeed> {
  const log = await openBacklog(kafka, `${kafka.topicPrefix}chat-messages`);
  let n = 0;
  const nextRecord = () => {
    const roomId = roomIds[n % roomIds.length] ?? 0;
    return recordOf(n, roomId, Math.floor(n++ / roomIds.length) + 1);
  };
  return {
    feed: async (count) => {
      const show = await log.write(Array.from({ length: count }, nextRecord));
      await show();
    },
    close: log.close,
  };
}
