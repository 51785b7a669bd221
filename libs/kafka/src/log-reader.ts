import { randomUUID } from 'node:crypto';
import type { PrivateTopicName, TopicName } from '@chat/kafka-contracts';
import { withDeadline, type Logger, type Service } from '@chat/service-kit';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { KafkaClient } from './client.ts';
import type { ConsumerObserver } from './consumer-observer.ts';
import { ConsumerLoop, fetchedOffsetOf, type Assignment, type Fail } from './consumer-loop.ts';
import { toLogRecord, type LogRecord } from './log-record.ts';
import { PartitionPosition } from './partition-position.ts';
import type { TopicCatalog } from './topic-catalog.ts';

/** After this long without a heart-beat the group forgets this member, in ms; it is alone in it, so nothing hurries. */
const SESSION_TIMEOUT_MS = 30_000;
const HEARTBEAT_MS = 3_000;
const REBALANCE_TIMEOUT_MS = 2_000;
/** A reader that is alone in its group has few changes of plan; each fetch of a quiet topic costs a millisecond of CPU. In ms. */
const FETCH_MAX_WAIT_MS = 1_000;
/** Longest that reading back may take, in ms. */
const LOOK_BACK_DEADLINE_MS = 60_000;

/** Of this service. */
export type ReadableTopic = TopicName | PrivateTopicName;

/** Records of one partition in the order of the log, at least one. */
export type OnRecords = (
  topic: ReadableTopic,
  partition: number,
  records: readonly LogRecord[],
) => void | Promise<void>;

/** Where reading back began. */
export interface LookBackStart {
  readonly offset: number;
  /** Whether the log begins there too. */
  readonly isLogStart: boolean;
}

export interface LogReaderOptions {
  readonly client: KafkaClient;
  readonly catalog: Pick<TopicCatalog, 'partitionCount'>;
  /** Beginning of the group's name; the rest is random, since two members of one group would share the partitions. */
  readonly groupId: string;
  readonly topics: readonly ReadableTopic[];
  /** The partitions of a topic that are read; all where left out. */
  readonly partitions?: readonly number[];
  /** Called for one batch at a time. If it throws, the process ends: nothing may be left out. */
  readonly onBatch: OnRecords;
  readonly fail: Fail;
  readonly logger: Logger;
  /** Read the last so many offsets of every partition, as they were at start, before anything live. */
  readonly lookBack?: { readonly records: number; readonly onBatch: OnRecords };
  /** A broker waits for so many bytes, or so many ms; 1 and 1,000 by default. For records that may come late, but should come together. */
  readonly fetch?: { readonly minBytes: number; readonly maxWaitMs: number };
  readonly observer?: ConsumerObserver;
  /** How long it may stand still while there is something to read and the brokers answer, in ms; 20,000 by default. */
  readonly progressDeadlineMs?: number;
}

interface Place {
  readonly topic: ReadableTopic;
  readonly partition: number;
  readonly position: PartitionPosition;
  /** Records below this offset were there before the start. */
  readonly liveFrom: number;
  readonly begin: LookBackStart;
}

/**
 * Reads every partition of its topics from the log's end as of `start`, on every instance. Each record once, in the order of
 * its partition, across rejoins and reconnects: at each join every partition is sought to the next offset that this reader
 * would process (kafkajs would go to the end), records below it are skipped, and a batch fetched from beyond it is not
 * processed but sought again (DESIGN §5.2). A position outside the log, or 20 s without progress, end the process.
 */
export class LogReader implements Service {
  readonly name: string;
  /** The group's whole name on the cluster. */
  readonly groupId: string;
  readonly #options: LogReaderOptions;
  readonly #loop: ConsumerLoop;
  readonly #topicOfName: ReadonlyMap<string, ReadableTopic>;
  readonly #places = new Map<string, Place>();
  readonly #caughtUp = Promise.withResolvers<void>();

  constructor(options: LogReaderOptions) {
    this.#options = options;
    this.name = `reader of ${options.topics.join(', ')}`;
    this.groupId = options.client.groupName(`${options.groupId}-${randomUUID()}`);
    this.#topicOfName = new Map(options.topics.map((topic) => [options.client.topicName(topic), topic]));
    this.#loop = new ConsumerLoop({
      client: options.client,
      groupId: this.groupId,
      topics: [...this.#topicOfName.keys()],
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      heartbeatMs: HEARTBEAT_MS,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      fetchMaxWaitMs: options.fetch?.maxWaitMs ?? FETCH_MAX_WAIT_MS,
      fetchMinBytes: options.fetch?.minBytes,
      concurrency: 1,
      onJoined: (assignment) => this.#pin(assignment),
      onBatch: (payload) => this.#take(payload),
      onHidden: (name, partition, first, last) => this.#passHidden(name, partition, first, last),
      places: () => this.#watched(),
      onLag: (name, offsets) => this.#tellLag(name, offsets),
      progressDeadlineMs: options.progressDeadlineMs,
      fail: options.fail,
      logger: options.logger,
    });
  }

  /** Resolves when nothing published from now on can be missed and, if asked for, what was there has been read back. */
  async start(): Promise<void> {
    await this.#loop.connect();
    for (const topic of this.#options.topics) await this.#placeTopic(topic);
    this.#noteProgress();
    await this.#loop.join();
    await withDeadline(
      this.#caughtUp.promise,
      LOOK_BACK_DEADLINE_MS,
      `reading back ${this.#options.topics.join(', ')}`,
    );
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** The offset behind the last record that was processed; before the first one, the offset that reading began at. */
  position(topic: ReadableTopic, partition: number): number {
    return this.#knownPlace(topic, partition).position.next;
  }

  /** Where reading the partition began, looking back included. */
  beganAt(topic: ReadableTopic, partition: number): LookBackStart {
    return this.#knownPlace(topic, partition).begin;
  }

  /** The log's end as it was when this reader started. */
  endAtStart(topic: ReadableTopic, partition: number): number {
    return this.#knownPlace(topic, partition).liveFrom;
  }

  #knownPlace(topic: ReadableTopic, partition: number): Place {
    const place = this.#places.get(placeId(topic, partition));
    if (place === undefined) throw new RangeError(`${this.name} has no partition ${partition} of ${topic}`);
    return place;
  }

  async #placeTopic(topic: ReadableTopic): Promise<void> {
    const ranges = await this.#loop.fetchLogRanges(this.#options.client.topicName(topic));
    for (const partition of this.#partitionsOf(topic)) {
      const range = ranges.get(partition);
      if (range === undefined) throw new Error(`the brokers know no end of ${topic}/${partition}`);
      const from = Math.max(range.start, range.end - (this.#options.lookBack?.records ?? 0));
      this.#place(topic, partition, { offset: from, isLogStart: from === range.start }, range.end);
    }
  }

  #partitionsOf(topic: ReadableTopic): readonly number[] {
    const { partitions, catalog } = this.#options;
    return partitions ?? Array.from({ length: catalog.partitionCount(topic) }, (_, partition) => partition);
  }

  #place(topic: ReadableTopic, partition: number, begin: LookBackStart, liveFrom: number): Place {
    const place = { topic, partition, position: new PartitionPosition(begin.offset), liveFrom, begin };
    this.#places.set(placeId(topic, partition), place);
    return place;
  }

  /** Within every join: back to where this reader stands. */
  #pin(assignment: Assignment): void {
    let count = 0;
    for (const [name, partitions] of Object.entries(assignment)) {
      const topic = this.#topicOfName.get(name);
      if (topic === undefined) continue;
      for (const partition of this.#wantedOf(name, partitions)) {
        // a partition that was added since the start holds nothing but what is new
        const place =
          this.#places.get(placeId(topic, partition)) ??
          this.#place(topic, partition, { offset: 0, isLogStart: true }, 0);
        this.#loop.seek(name, partition, place.position.fetchOffset);
        count += 1;
      }
    }
    if (count < this.#places.size) {
      this.#options.logger.warn({ count, expected: this.#places.size }, 'another member holds some of the partitions');
    }
  }

  /** Those that are read; the others are paused. */
  #wantedOf(name: string, assigned: readonly number[]): readonly number[] {
    const { partitions } = this.#options;
    if (partitions === undefined) return assigned;
    const unwanted = assigned.filter((partition) => !partitions.includes(partition));
    if (unwanted.length > 0) this.#loop.pause(name, unwanted);
    return assigned.filter((partition) => partitions.includes(partition));
  }

  async #take({ batch, resolveOffset }: EachBatchPayload): Promise<void> {
    const place = this.#placeOf(batch.topic, batch.partition);
    if (place === undefined) return;
    const { position } = place;
    if (fetchedOffsetOf(batch) > position.fetchOffset) {
      this.#options.logger.warn(
        { topic: place.topic, partition: place.partition, fetched: fetchedOffsetOf(batch), next: position.fetchOffset },
        'a fetch left records out and is made again',
      );
      this.#loop.seek(batch.topic, batch.partition, position.fetchOffset);
      return;
    }
    const records = newRecords(batch.messages, position.next);
    const startedAt = performance.now();
    if (!(await this.#deliver(place, records))) return;
    const lastRecord = records.at(-1)?.offset ?? position.next - 1;
    position.advance(lastRecord + 1, Number(batch.lastOffset()) + 1);
    resolveOffset(batch.lastOffset());
    const lag = Math.max(0, Number(batch.highWatermark) - position.fetchOffset);
    this.#options.observer?.processed?.(
      place.topic,
      place.partition,
      records.length,
      lag,
      performance.now() - startedAt,
    );
    this.#noteProgress();
  }

  async #deliver({ topic, partition, liveFrom }: Place, records: readonly LogRecord[]): Promise<boolean> {
    const { lookBack, onBatch } = this.#options;
    try {
      const firstLive = records.findIndex(({ offset }) => offset >= liveFrom);
      const old = firstLive < 0 ? records : records.slice(0, firstLive);
      const live = firstLive < 0 ? [] : records.slice(firstLive);
      if (old.length > 0) await lookBack?.onBatch(topic, partition, old);
      if (live.length > 0) await onBatch(topic, partition, live);
      return true;
    } catch (error) {
      this.#options.fail(`records of ${topic}/${partition} could not be processed`, error);
      return false;
    }
  }

  #passHidden(name: string, partition: number, first: number, last: number): void {
    const place = this.#placeOf(name, partition);
    if (place === undefined) return;
    place.position.passHidden(first, last);
    if (place.position.fetchOffset !== last + 1) this.#loop.seek(name, partition, place.position.fetchOffset);
    this.#noteProgress();
  }

  #tellLag(name: string, offsets: number): void {
    const topic = this.#topicOfName.get(name);
    if (topic !== undefined) this.#options.observer?.lags?.(topic, offsets);
  }

  #noteProgress(): void {
    for (const { position, liveFrom } of this.#places.values()) if (position.fetchOffset < liveFrom) return;
    this.#caughtUp.resolve();
  }

  #placeOf(name: string, partition: number): Place | undefined {
    const topic = this.#topicOfName.get(name);
    return topic === undefined ? undefined : this.#places.get(placeId(topic, partition));
  }

  #watched() {
    return Array.from(this.#places.values(), ({ topic, partition, position }) => ({
      topic: this.#options.client.topicName(topic),
      partition,
      fetchOffset: position.fetchOffset,
      isPaused: false,
    }));
  }
}

function newRecords(messages: readonly KafkaMessage[], from: number): LogRecord[] {
  const records = messages.map(toLogRecord);
  const isFromEarlier = (records[0]?.offset ?? from) < from;
  return isFromEarlier ? records.filter(({ offset }) => offset >= from) : records;
}

function placeId(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
