import { ChatError, type HealthCheck } from '@chat/service-kit';
import type { LogEpoch, LogEpochRepository, LogTopic } from './log-epoch-repository.ts';

/** Why the topic is not the log of the epoch, as far as its name and partition count tell; null where they do not. */
export function problemOfTopic({ epoch, topic: stored }: LogEpoch, topic: LogTopic): string | null {
  if (stored.name !== topic.name) return `log epoch ${epoch} was opened for ${stored.name}, not ${topic.name}`;
  if (stored.partitionCount === topic.partitionCount) return null;
  return `${topic.name} has ${topic.partitionCount} partitions; log epoch ${epoch} was opened with ${stored.partitionCount}`;
}

export interface LogEpochCheckOptions {
  readonly epochs: Pick<LogEpochRepository, 'findOpen'>;
  /** The topic as the cluster has it, once its catalog has started. */
  readonly topic: () => LogTopic;
}

/**
 * Ready while the topic is the one that the open epoch was opened for, or none was opened yet. A database that does not
 * answer says nothing about the log: then what was known last counts, and the database's own check tells of it.
 */
export function logEpochCheck({ epochs, topic }: LogEpochCheckOptions): HealthCheck {
  let open: LogEpoch | null = null;
  return {
    name: 'log epoch',
    check: async () => {
      open = await epochs.findOpen().catch((error: unknown) => {
        if (error instanceof ChatError && error.retryable) return open;
        throw error;
      });
      const problem = open && problemOfTopic(open, topic());
      if (problem !== null) throw new Error(problem);
    },
  };
}
