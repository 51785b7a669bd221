import type { DescribeConfigResponse, ITopicMetadata } from 'kafkajs';

/** What a topic promises; shown in `/readyz`. An acknowledgement by all replicas proves little with one of them. */
export interface TopicFacts {
  readonly partitions: number;
  readonly replicas: number;
  readonly minInsyncReplicas: number;
  readonly uncleanLeaderElection: boolean;
  /** Largest batch of records, in bytes. */
  readonly maxMessageBytes: number;
}

/** Kafka's own default of max.message.bytes, in bytes. */
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;

/** The settings of Kafka that `topicFactsOf` reads. */
export const FACT_SETTINGS = ['min.insync.replicas', 'unclean.leader.election.enable', 'max.message.bytes'] as const;

/** Kafka's own settings of a topic or broker, by name. */
export type KafkaSettings = ReadonlyMap<string, string>;

/** The settings of this topic or broker in the answer to `describeConfigs`. */
export function settingsOf({ resources }: DescribeConfigResponse, resource: string): KafkaSettings {
  const found = resources.find(({ resourceName }) => resourceName === resource);
  return new Map(found?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
}

/** What the topic promises, from its partitions and its settings. */
export function topicFactsOf({ partitions }: Pick<ITopicMetadata, 'partitions'>, settings: KafkaSettings): TopicFacts {
  return {
    partitions: partitions.length,
    replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    minInsyncReplicas: Number(settings.get('min.insync.replicas') ?? 1),
    uncleanLeaderElection: settings.get('unclean.leader.election.enable') === 'true',
    maxMessageBytes: Number(settings.get('max.message.bytes') ?? DEFAULT_MAX_MESSAGE_BYTES),
  };
}

/** Partitions that nobody leads now, so that nobody can read or write them. */
export function leaderlessOf({ partitions }: Pick<ITopicMetadata, 'partitions'>): readonly number[] {
  return partitions.filter(({ leader }) => leader < 0).map(({ partitionId }) => partitionId);
}

/** Whether an acknowledged record of the topic can be lost with one broker. */
export function isWeak({ replicas, minInsyncReplicas, uncleanLeaderElection }: TopicFacts): boolean {
  return replicas < 2 || minInsyncReplicas < 2 || uncleanLeaderElection;
}
