import { problemOfTopic, type LogEpoch, type LogTopic, type StoredLogPosition } from '@chat/database';
import type { LogInspection } from '@chat/kafka';

export interface EpochPlan {
  /** Why the log is not the one of the open epoch; none: it is, and no other is needed. */
  readonly problems: readonly string[];
  /** Partitions of the log that go on where they were: their last record was found. All others begin at their start. */
  readonly carried: readonly number[];
  /** Records of those that lie behind their positions. */
  readonly unstoredCount: number;
}

export interface FoundLog extends Pick<LogInspection, 'ranges' | 'verdicts'> {
  readonly open: LogEpoch;
  readonly topic: LogTopic;
  readonly positions: ReadonlyMap<number, StoredLogPosition>;
}

/**
 * What becomes of the open epoch, given what was found of the log. A position without a record left to prove it is not
 * carried: nothing of its log below it is left either, so that its start is as good.
 */
export function planNextEpoch({ open, topic, positions, ranges, verdicts }: FoundLog): EpochPlan {
  const problem = problemOfTopic(open, topic);
  const refused = [...verdicts.values()].flatMap((verdict) => (verdict.kind === 'refused' ? [verdict.reason] : []));
  const carried = [...verdicts].flatMap(([partition, { kind }]) => (kind === 'proven' ? [partition] : []));
  const behind = carried.map((partition) => (ranges.get(partition)?.end ?? 0) - (positions.get(partition)?.next ?? 0));
  return {
    problems: problem === null ? refused : [problem, ...refused],
    carried,
    unstoredCount: behind.reduce((sum, count) => sum + count, 0),
  };
}
