import { randomUUID } from 'node:crypto';
import type { TopicName } from '@chat/kafka-contracts';
import { withDeadline, type Logger } from '@chat/service-kit';
import type { Admin } from 'kafkajs';
import type { KafkaClient } from './client.ts';
import { GroupConsumer } from './group-consumer.ts';
import { fetchLogRanges, type LogRange } from './log-ends.ts';
import { AnotherLogError, problemOfRange, provableMark, type StoredPosition } from './stored-position.ts';

/** Longest wait for the records that prove positions, in ms. */
const PROOF_DEADLINE_MS = 20_000;

/** How a stored position fits a partition of the log. */
export type PositionVerdict =
  /** Its last record lies where it was read. */
  | { readonly kind: 'proven' }
  /** It lies within the log, but there is no record left to tell the log by. */
  | { readonly kind: 'possible' }
  /** It is of another log. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface LogInspection {
  /** Members of the group now; those that died are counted for some seconds more. */
  readonly memberCount: number;
  readonly ranges: ReadonlyMap<number, LogRange>;
  /** For every position that was given. */
  readonly verdicts: ReadonlyMap<number, PositionVerdict>;
}

export interface LogInspectionOptions {
  readonly client: KafkaClient;
  readonly topic: TopicName;
  /** The group whose positions they are, without prefix. */
  readonly groupId: string;
  readonly positions: ReadonlyMap<number, StoredPosition>;
  readonly logger: Logger;
}

/** What a `GroupConsumer` would find if it took over these positions now; takes nothing over and commits nothing. */
export async function inspectLog(options: LogInspectionOptions): Promise<LogInspection> {
  const { client, topic, groupId, positions } = options;
  const admin = client.createAdmin();
  await admin.connect();
  try {
    const memberCount = await countMembers(admin, client.groupName(groupId));
    const ranges = await fetchLogRanges(admin, client.topicName(topic));
    const verdicts = new Map<number, PositionVerdict>();
    for (const [partition, position] of positions) {
      verdicts.set(partition, firstVerdict(partition, position, ranges.get(partition)));
    }
    if ([...verdicts.values()].some(({ kind }) => kind === 'proven')) await prove(options, ranges, verdicts);
    return { memberCount, ranges, verdicts };
  } finally {
    await admin.disconnect();
  }
}

async function countMembers(admin: Admin, group: string): Promise<number> {
  const { groups } = await admin.describeGroups([group]);
  return groups[0]?.members.length ?? 0;
}

/** By the range alone; 'proven' still has to be shown. */
function firstVerdict(partition: number, position: StoredPosition, range: LogRange | undefined): PositionVerdict {
  if (range === undefined) return { kind: 'refused', reason: `the log has no partition ${partition}` };
  const reason = problemOfRange(partition, position.next, range);
  if (reason !== null) return { kind: 'refused', reason };
  return { kind: provableMark(position, range) === null ? 'possible' : 'proven' };
}

/** Reads one record a partition, in a group of its own, and writes down what is refused. */
async function prove(
  { client, topic, positions, logger }: LogInspectionOptions,
  ranges: ReadonlyMap<number, LogRange>,
  verdicts: Map<number, PositionVerdict>,
): Promise<void> {
  const waiting = new Set(ranges.keys());
  const done = Promise.withResolvers<void>();
  done.promise.catch(() => {}); // it may fail before anybody waits for it
  const settle = (partition: number) => {
    waiting.delete(partition);
    if (waiting.size === 0) done.resolve();
  };
  const reader = new GroupConsumer({
    client,
    groupId: `inspection-${randomUUID()}`,
    topic,
    startAt: async (partition, { end }) =>
      verdicts.get(partition)?.kind === 'proven' ? (positions.get(partition) ?? null) : { next: end, last: null },
    onPlaced: async (partition) => settle(partition),
    onBatch: () => Promise.resolve(),
    fail: (reason, error) => {
      if (!(error instanceof AnotherLogError)) return done.reject(new Error(reason, { cause: error }));
      verdicts.set(error.partition, { kind: 'refused', reason });
      settle(error.partition);
    },
    logger,
  });
  try {
    await reader.start();
    await withDeadline(done.promise, PROOF_DEADLINE_MS, `reading the last records of ${topic}`);
  } finally {
    await reader.stop();
  }
}
