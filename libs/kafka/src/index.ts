export type { AttemptObserver } from './attempt.ts';
export { KafkaClient, type KafkaClientOptions } from './client.ts';
export {
  inspectCluster,
  type BrokerFault,
  type ClusterInspection,
  type ClusterInspectionOptions,
  type InspectedTopic,
} from './cluster-inspection.ts';
export type { Fail } from './consumer-loop.ts';
export type { ConsumerObserver } from './consumer-observer.ts';
export { DeadLetters, type RefusedRecord } from './dead-letters.ts';
export {
  FAILURE_BUDGET_MS,
  GROUP_SESSION_TIMEOUT_MS,
  GroupConsumer,
  type GroupConsumerOptions,
} from './group-consumer.ts';
export type { GroupBatch } from './handed-batch.ts';
export { createConsumerMetrics, createPublisherMetrics } from './kafka-metrics.ts';
export { findLogRanges, type LogRange } from './log-ends.ts';
export { inspectLog, type LogInspection, type PositionVerdict } from './log-inspection.ts';
export { LogReader, type LogReaderOptions, type LookBackStart, type OnRecords } from './log-reader.ts';
export type { LogRecord } from './log-record.ts';
export { placeAttributes, processBatchSpan, processSpan, senderOf, sendSpan } from './message-spans.ts';
export {
  OrderedPublisher,
  PUBLISH_DEADLINE_MS,
  type OrderedPublisherOptions,
  type PublishedRecord,
  type PublisherObserver,
  type PublishItem,
} from './ordered-publisher.ts';
export { countDeadLetters, readDeadLetters, type DeadLetter } from './read-dead-letters.ts';
export { kafkaSettings } from './settings.ts';
export { AnotherLogError, markOf, type StoredPosition } from './stored-position.ts';
export { TopicCatalog, type TopicCatalogOptions } from './topic-catalog.ts';
export type { TopicFacts } from './topic-facts.ts';
export type { TopicFault, TopicHarm } from './topic-faults.ts';
export type { TopicPlan } from './topic-layout.ts';
