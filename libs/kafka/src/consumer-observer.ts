import type { PrivateTopicName, TopicName } from '@chat/kafka-contracts';

/** Told what a consumer does; for metrics. Must not throw. */
export interface ConsumerObserver {
  /** One batch was processed; `lag` is how many offsets of the partition lay behind it when it was fetched. */
  processed?(
    topic: TopicName | PrivateTopicName,
    partition: number,
    recordCount: number,
    lag: number,
    durationMs: number,
  ): void;
  /** One batch failed and comes again. */
  failed?(topic: TopicName | PrivateTopicName, partition: number): void;
  /** Every few seconds while the brokers answer: so many offsets of all partitions held here lie before their logs' ends. */
  lags?(topic: TopicName | PrivateTopicName, offsets: number): void;
}
