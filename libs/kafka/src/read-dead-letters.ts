import { randomUUID } from 'node:crypto';
import {
  DEAD_LETTER_HEADERS,
  deadLetterTopicOf,
  headerBytes,
  RECORD_HEADERS,
  TOPIC_NAMES,
  type TopicName,
} from '@chat/kafka-contracts';
import { withDeadline } from '@chat/service-kit';
import type { KafkaClient } from './client.ts';
import { fetchLogRanges, type LogRange } from './log-ends.ts';
import { toLogRecord, type LogRecord } from './log-record.ts';

/** Longest wait for the letters that were asked for, in ms. */
const READ_DEADLINE_MS = 20_000;

/** A record that was set aside. Fields are null where whoever wrote the letter did not say so. */
export interface DeadLetter {
  /** Where the letter lies in the dead-letter topic. */
  readonly partition: number;
  readonly offset: number;
  /** Where the record lay in the topic, and why and when it was set aside. */
  readonly sourcePartition: number | null;
  readonly sourceOffset: number | null;
  readonly reason: string | null;
  readonly at: string | null;
  /** `ce_source` of the record: who wrote it. */
  readonly producer: string | null;
  /** As they were. */
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** How many dead letters lie of each topic; none of those whose dead-letter topic there is not. */
export async function countDeadLetters(client: KafkaClient): Promise<ReadonlyMap<TopicName, number>> {
  const admin = client.createAdmin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const counts = new Map<TopicName, number>();
    for (const topic of TOPIC_NAMES) {
      const name = client.topicName(deadLetterTopicOf(topic));
      if (!existing.has(name)) continue;
      const ranges = await fetchLogRanges(admin, name);
      counts.set(
        topic,
        [...ranges.values()].reduce((sum, { start, end }) => sum + end - start, 0),
      );
    }
    return counts;
  } finally {
    await admin.disconnect();
  }
}

/**
 * The newest letters of a topic, at most `maxCount` a partition of its dead-letter topic, oldest first. Takes nothing away and
 * commits nothing. Rejects where the brokers do not answer, and past 20 s.
 */
export async function readDeadLetters(
  client: KafkaClient,
  { topic, maxCount }: { readonly topic: TopicName; readonly maxCount: number },
): Promise<readonly DeadLetter[]> {
  const name = client.topicName(deadLetterTopicOf(topic));
  const admin = client.createAdmin();
  await admin.connect();
  const ranges = await fetchLogRanges(admin, name).finally(() => admin.disconnect());
  const wanted = new Map(
    [...ranges]
      .filter(([, { start, end }]) => start < end)
      .map(([partition, { start, end }]) => [partition, { start: Math.max(start, end - maxCount), end }] as const),
  );
  const letters = wanted.size === 0 ? [] : await readRanges(client, name, wanted);
  return letters.toSorted((one, other) => (one.at ?? '').localeCompare(other.at ?? ''));
}

/** In a group of its own, which nothing is left of. */
async function readRanges(
  client: KafkaClient,
  topic: string,
  ranges: ReadonlyMap<number, LogRange>,
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const unread = new Set(ranges.keys());
  const done = Promise.withResolvers<void>();
  const consumer = client.createConsumer({ groupId: client.groupName(`dead-letters-${randomUUID()}`) });
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const [partition, { start }] of ranges) consumer.seek({ topic, partition, offset: String(start) });
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => done.reject(payload.error));
  await consumer.connect();
  try {
    await consumer.subscribe({ topic });
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ partition, message }) => {
        const record = toLogRecord(message);
        const range = ranges.get(partition);
        if (range === undefined || !unread.has(partition) || record.offset < range.start) return Promise.resolve();
        if (record.offset < range.end) letters.push(letterOf(partition, record));
        if (record.offset >= range.end - 1) unread.delete(partition);
        if (unread.size === 0) done.resolve();
        return Promise.resolve();
      },
    });
    await withDeadline(done.promise, READ_DEADLINE_MS, `reading ${topic}`);
  } finally {
    await consumer.disconnect();
  }
  return letters;
}

function letterOf(partition: number, record: LogRecord): DeadLetter {
  const text = (name: string) => {
    const bytes = headerBytes(record, name);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  };
  const number = (name: string) => {
    const found = text(name);
    return found === null ? null : Number(found);
  };
  return {
    ...{ partition, offset: record.offset, key: record.key, value: record.value },
    sourcePartition: number(DEAD_LETTER_HEADERS.partition),
    sourceOffset: number(DEAD_LETTER_HEADERS.offset),
    reason: text(DEAD_LETTER_HEADERS.reason),
    at: text(DEAD_LETTER_HEADERS.at),
    producer: text(RECORD_HEADERS.source),
  };
}
