import {
  deadLetterTopicOf,
  encodeRecord,
  partitionOf,
  type KeyOf,
  type PrivateTopicName,
  type RawRecord,
  type RecordMetadata,
  type TopicName,
  type ValueOf,
} from '@chat/kafka-contracts';
import {
  ChatError,
  instantOf,
  systemClock,
  withDeadline,
  type Clock,
  type Logger,
  type Service,
} from '@chat/service-kit';
import type { AttemptObserver } from './attempt.ts';
import type { KafkaClient } from './client.ts';
import { deadLetterOf, sizeOf, type OutgoingRecord } from './outgoing-record.ts';
import { PartitionLane } from './partition-lane.ts';
import type { QueueLimits } from './record-queue.ts';
import { createRecordTransport, type RecordTransport } from './record-transport.ts';
import type { TopicCatalog } from './topic-catalog.ts';
import type { AnyTopic } from './topic-layout.ts';
import { partsOf, placesInLog, type PlacedRecord, type TransactionPart } from './transaction-parts.ts';
import { createTransactionTransport, type TransactionTransport } from './transactional-transport.ts';
import { Transactions } from './transactions.ts';

/** How long `publish` may take to answer, in ms: everything is answered within 5 s (P2). */
export const PUBLISH_DEADLINE_MS = 4_500;
/** Records, and bytes, that may wait for one partition. */
export const PARTITION_QUEUE_MAX_RECORDS = 10_000;
export const PARTITION_QUEUE_MAX_BYTES = 16_777_216;
/** Records of one batch: kafkajs groups a batch in time quadratic to it. Its bytes are half of the topic's max.message.bytes. */
export const BATCH_MAX_RECORDS = 500;
/** How long `stop` waits for what was accepted, in ms: whoever cares for its record has stopped before and waited itself. */
const STOP_FLUSH_MS = 2_000;
const DISCONNECT_DEADLINE_MS = 1_000;

/** A record that is published together with others. */
export interface PublishItem<Topic extends TopicName> {
  readonly key: KeyOf<Topic>;
  readonly value: ValueOf<Topic>;
  readonly metadata: RecordMetadata;
}

/** Where an acknowledged record lies. */
export interface PublishedRecord {
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
}

/** Told what a publisher does; for metrics. Must not throw. */
export interface PublisherObserver extends AttemptObserver {
  /** Called once, with what says how many records wait in all queues. */
  watchQueues?(queuedCount: () => number): void;
}

export interface OrderedPublisherOptions {
  readonly client: KafkaClient;
  readonly catalog: Pick<TopicCatalog, 'partitionCount' | 'maxMessageBytes'>;
  readonly logger: Logger;
  /** How long `publish` may take to answer, in ms. */
  readonly deadlineMs?: number;
  /** Bounds of each partition's queue and batches. */
  readonly limits?: Partial<Omit<QueueLimits, 'batchMaxBytes'>>;
  readonly observer?: PublisherObserver;
  readonly clock?: Clock;
  /** Monotonic time in ms. */
  readonly monotonicNow?: () => number;
  /** A kafkajs producer of the client where none is given. */
  readonly transport?: RecordTransport;
  /** A transactional one, likewise. */
  readonly transactionTransport?: TransactionTransport;
}

/**
 * Publishes to every topic, in the order of the calls within a partition (DESIGN §5.1): a queue per partition, one batch in
 * flight per partition, acknowledged by all in-sync replicas, the same batch attempted until its deadline. A retry may
 * append a batch twice; readers drop a `ce_id` that they have seen. The partition is murmur2 of the key.
 */
export class OrderedPublisher implements Service {
  readonly name = 'ordered publisher';
  readonly #client: KafkaClient;
  readonly #catalog: OrderedPublisherOptions['catalog'];
  readonly #logger: Logger;
  readonly #options: OrderedPublisherOptions;
  readonly #clock: Clock;
  readonly #transport: RecordTransport;
  readonly #lanes = new Map<string, PartitionLane>();
  readonly #transactions: Transactions;
  #isStopping = false;

  constructor(options: OrderedPublisherOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#catalog = options.catalog;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#transport = options.transport ?? createRecordTransport(options.client);
    options.observer?.watchQueues?.(() => this.queuedCount);
    this.#transactions = new Transactions({
      transport: options.transactionTransport ?? createTransactionTransport(options.client, options.logger),
      now: this.#monotonicNow,
      observer: this.#observe({}, 'transactions are not taken', 'transactions are taken again'),
    });
  }

  async start(): Promise<void> {
    await this.#transport.connect();
  }

  /** Takes nothing new, waits up to 2 s for what it accepted, answers the rest UNKNOWN or UNAVAILABLE. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    try {
      await this.flush(STOP_FLUSH_MS);
    } catch (error) {
      this.#logger.warn({ err: error, queued: this.queuedCount }, 'records were left unpublished at stop');
      for (const lane of this.#lanes.values()) lane.abort();
    }
    const disconnected = Promise.all([this.#transport.disconnect(), this.#transactions.close()]);
    await withDeadline(disconnected, DISCONNECT_DEADLINE_MS, 'disconnecting the producers');
  }

  /** Records that wait in all queues, without those in flight. */
  get queuedCount(): number {
    let count = 0;
    for (const lane of this.#lanes.values()) count += lane.queuedCount;
    return count;
  }

  /**
   * Resolves once all in-sync replicas have the record, with its place. Records of one key are appended in the order of
   * these calls. Rejects with a ChatError within the deadline: OVERLOADED (the partition's queue is full), UNAVAILABLE
   * (stopping, or the deadline passed before anything was sent: it is not in the log), UNKNOWN (it may be, or come to be,
   * in the log), BODY_TOO_LARGE (over half of the topic's max.message.bytes), INTERNAL (the brokers refuse it for good).
   */
  async publish<Topic extends TopicName>(
    topic: Topic,
    key: KeyOf<Topic>,
    value: ValueOf<Topic>,
    metadata: RecordMetadata,
  ): Promise<PublishedRecord> {
    const { partition, record, bytes } = this.#place(topic, { key, value, metadata });
    const maxBytes = this.#batchMaxBytes(topic);
    if (bytes > maxBytes) throw tooLarge(topic, maxBytes);
    return { topic, partition, offset: await this.#append(topic, partition, [record], bytes) };
  }

  /**
   * Publishes all of these records or none: one batch where they share a partition, else a Kafka transaction (one at a time,
   * during which its partitions take nothing else). Their place in the order of each partition is that of this call.
   * Resolves with their places, in the order of the items, once all are committed. Rejects as `publish` does:
   * UNAVAILABLE means that none of them is visible or will be, UNKNOWN that all may be, BODY_TOO_LARGE that those of one
   * partition do not fit a batch.
   */
  async publishTogether<Topic extends TopicName>(
    topic: Topic,
    items: readonly PublishItem<Topic>[],
  ): Promise<readonly PublishedRecord[]> {
    const parts = partsOf(items.map((item) => this.#place(topic, item)));
    const { batchMaxRecords, batchMaxBytes } = this.#limitsOf(topic);
    for (const { records, bytes } of parts) {
      if (records.length > batchMaxRecords || bytes > batchMaxBytes) {
        throw tooLargeTogether(topic, batchMaxRecords, batchMaxBytes);
      }
    }
    const firstOffsets = await this.#appendTogether(topic, parts);
    return placesInLog(parts, firstOffsets).map((place) => ({ topic, ...place }));
  }

  /**
   * Sets a record aside in the dead-letter topic of its topic, bytes and headers as they were. Resolves once it is
   * acknowledged, so that the consumer may go on; rejects as `publish` does.
   */
  async publishDeadLetter(
    source: { topic: TopicName; partition: number; offset: number; record: RawRecord },
    reason: string,
  ): Promise<void> {
    const topic = deadLetterTopicOf(source.topic);
    const record = deadLetterOf(source, reason, instantOf(this.#clock.now()));
    const partition = source.partition % this.#catalog.partitionCount(topic);
    await this.#append(topic, partition, [record], sizeOf(record));
  }

  /**
   * Bytes for one partition of a private topic, in the order of the calls; resolves and rejects as `publish` does, but with
   * BODY_TOO_LARGE only over the topic's whole max.message.bytes.
   */
  async publishBytes(topic: PrivateTopicName, partition: number, value: Uint8Array): Promise<void> {
    const record = { key: null, value, headers: {} };
    const [bytes, maxBytes] = [sizeOf(record), this.#catalog.maxMessageBytes(topic)];
    if (bytes > maxBytes) throw tooLarge(topic, maxBytes);
    await this.#append(topic, partition, [record], bytes);
  }

  /** Resolves once nothing waits and nothing is in flight; rejects with a DeadlineError after `deadlineMs`. */
  flush(deadlineMs: number): Promise<void> {
    const idle = Promise.all(Array.from(this.#lanes.values(), (lane) => lane.idle()));
    return withDeadline(idle, deadlineMs, 'flushing the publisher').then(() => undefined);
  }

  #place<Topic extends TopicName>(topic: Topic, { key, value, metadata }: PublishItem<Topic>): PlacedRecord {
    const record = encodeRecord(topic, key, value, metadata);
    const partition = partitionOf(record.key, this.#catalog.partitionCount(topic));
    return { partition, record, bytes: sizeOf(record) };
  }

  #append(topic: AnyTopic, partition: number, records: readonly OutgoingRecord[], bytes: number): Promise<number> {
    this.#refuseWhenStopping();
    return this.#laneOf(topic, partition).publish(records, bytes, this.#deadlineMs);
  }

  async #appendTogether(topic: TopicName, parts: readonly TransactionPart[]): Promise<readonly number[]> {
    const [only, ...others] = parts;
    if (only === undefined) return [];
    if (others.length === 0) return [await this.#append(topic, only.partition, only.records, only.bytes)];
    this.#refuseWhenStopping();
    const inLanes = parts.map((part) => ({ part, lane: this.#laneOf(topic, part.partition) }));
    return this.#transactions.publish(this.#client.topicName(topic), inLanes, this.#deadlineMs);
  }

  #refuseWhenStopping(): void {
    if (this.#isStopping) throw new ChatError('UNAVAILABLE', { message: 'This instance is stopping.' });
  }

  get #deadlineMs(): number {
    return this.#options.deadlineMs ?? PUBLISH_DEADLINE_MS;
  }

  get #monotonicNow(): () => number {
    return this.#options.monotonicNow ?? (() => performance.now());
  }

  #laneOf(topic: AnyTopic, partition: number): PartitionLane {
    const id = `${topic}/${partition}`;
    const existing = this.#lanes.get(id);
    if (existing !== undefined) return existing;
    const name = this.#client.topicName(topic);
    const lane = new PartitionLane({
      append: (records, bytes) => this.#transport.append(name, partition, records, bytes),
      now: this.#monotonicNow,
      observer: this.#observe(
        { topic, partition },
        'a partition does not take records',
        'a partition takes records again',
      ),
      limits: this.#limitsOf(topic),
    });
    this.#lanes.set(id, lane);
    return lane;
  }

  #limitsOf(topic: AnyTopic): QueueLimits {
    return {
      maxRecords: PARTITION_QUEUE_MAX_RECORDS,
      maxBytes: PARTITION_QUEUE_MAX_BYTES,
      batchMaxRecords: BATCH_MAX_RECORDS,
      batchMaxBytes: this.#batchMaxBytes(topic),
      ...this.#options.limits,
    };
  }

  /** Passes attempts on, and says once when they begin to fail, and once when they succeed again. */
  #observe(fields: object, refused: string, taken: string): AttemptObserver {
    let isTaken = true;
    return {
      attempt: (outcome, ...figures) => {
        this.#options.observer?.attempt?.(outcome, ...figures);
        if ((outcome === 'acknowledged') === isTaken) return;
        isTaken = !isTaken;
        if (isTaken) this.#logger.info(fields, taken);
        else this.#logger.warn(fields, refused);
      },
    };
  }

  #batchMaxBytes(topic: AnyTopic): number {
    return Math.floor(this.#catalog.maxMessageBytes(topic) / 2);
  }
}

function tooLarge(topic: TopicName | PrivateTopicName, maxBytes: number): ChatError {
  return new ChatError('BODY_TOO_LARGE', { message: `A record of ${topic} may have at most ${maxBytes} bytes.` });
}

function tooLargeTogether(topic: TopicName, maxRecords: number, maxBytes: number): ChatError {
  const message = `Of what is published together to ${topic} at most ${maxRecords} records and ${maxBytes} bytes may go to one partition.`;
  return new ChatError('BODY_TOO_LARGE', { message });
}
