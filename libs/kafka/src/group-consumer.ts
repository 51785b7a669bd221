import type { TopicName } from '@chat/kafka-contracts';
import { ChatError, pause, withDeadline, type Logger, type Service } from '@chat/service-kit';
import type { EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './client.ts';
import { ConsumerLoop, fetchedOffsetOf, type Assignment, type Fail } from './consumer-loop.ts';
import type { ConsumerObserver } from './consumer-observer.ts';
import { HandedBatch, type GroupBatch } from './handed-batch.ts';
import { HeldPartition } from './held-partition.ts';
import type { LogRange } from './log-ends.ts';
import { toLogRecord } from './log-record.ts';
import { AnotherLogError, problemOfRange, provableMark, type StoredPosition } from './stored-position.ts';

/** After this long without a heart-beat the group gives the partitions to others, in ms. */
export const GROUP_SESSION_TIMEOUT_MS = 8_000;
/** How long a change of the group waits for members that are in the middle of a batch, in ms. */
const REBALANCE_TIMEOUT_MS = 6_000;
/** First and longest pause before a failed batch is tried again, in ms; it doubles in between. */
const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 5_000;
/** How long a partition may fail for a reason that is not known to pass, in ms, before the process ends. */
export const FAILURE_BUDGET_MS = 60_000;
/** Longest wait for the range of the log before a partition goes on after a failure, in ms. */
const RANGES_DEADLINE_MS = 10_000;
/** Longest that a broker holds a fetch that finds nothing, in ms: members must notice soon that the group changes. */
const FETCH_MAX_WAIT_MS = 250;
/** Batches of different partitions that are processed at once. */
const CONCURRENCY_DEFAULT = 3;

export interface GroupConsumerOptions {
  readonly client: KafkaClient;
  readonly groupId: string;
  readonly topic: TopicName;
  /**
   * Called for one batch of a partition at a time. When it throws, the same batch comes again after a pause: for ever while
   * the error is a ChatError that says a part is down (UNAVAILABLE, OVERLOADED, UNKNOWN), else for
   * `failureBudgetMs`, then the process ends. Nothing is ever skipped.
   */
  readonly onBatch: (batch: GroupBatch) => Promise<void>;
  /** Offsets of the partition up to below `nextOffset` have nothing but hidden records: no batch will tell of them. */
  readonly onHidden?: (partition: number, nextOffset: number) => void;
  /**
   * Where a partition that was just taken over is read from, given what the log holds now; null means the committed offset
   * and, where there is none, the log's start. A position outside the log ends the process, and so does another record where
   * its last one lay, or an AnotherLogError thrown here.
   */
  readonly startAt?: (partition: number, range: LogRange) => Promise<StoredPosition | null>;
  /**
   * Called when a partition is known to go on at `next` in the log that it belongs to: at every take-over, and after a rest
   * that needed a proof. Awaited before a batch is handed over; when it throws, the partition rests.
   */
  readonly onPlaced?: (partition: number, next: number) => Promise<void>;
  /** After every join, with all partitions held from now on; their first batch waits for it. */
  readonly onAssigned?: (partitions: readonly number[]) => void | Promise<void>;
  /** At every join, before `onAssigned`, and at stop: all partitions held until now. */
  readonly onRevoked?: (partitions: readonly number[]) => void | Promise<void>;
  readonly fail: Fail;
  readonly logger: Logger;
  /** After this long without a heart-beat the group gives the partitions to others, in ms (6,000 to 10,000). */
  readonly sessionTimeoutMs?: number;
  readonly failureBudgetMs?: number;
  /** Batches of different partitions that are processed at once. */
  readonly concurrency?: number;
  /** A broker waits for so many bytes, up to 250 ms: for records that may come late, but should come together. 1 by default. */
  readonly fetchMinBytes?: number;
  readonly observer?: ConsumerObserver;
  /** How long it may stand still while there is something to read and the brokers answer, in ms; 20,000 by default. */
  readonly progressDeadlineMs?: number;
}

/**
 * Reads the partitions that the group gives to this instance. Nothing is committed but by `commit`, after the effect; a
 * batch is handed over only if it begins exactly where the one before ended. Every join counts as a new take-over of all
 * partitions, since another member may have held them in between: positions are loaded anew before anything is read.
 */
export class GroupConsumer implements Service {
  readonly name: string;
  readonly #options: GroupConsumerOptions;
  readonly #topicName: string;
  readonly #heartbeatMs: number;
  readonly #loop: ConsumerLoop;
  readonly #stopping = new AbortController();
  #held = new Map<number, HeldPartition>();
  /** Told as assigned and not yet as revoked. */
  #announced: readonly number[] = [];
  /** Counts joins; work begun under an older number is stale. */
  #generation = 0;
  /** Take-overs one after another. */
  #takeOver: Promise<void> = Promise.resolve();

  constructor(options: GroupConsumerOptions) {
    this.#options = options;
    this.name = `consumer of ${options.topic}`;
    this.#topicName = options.client.topicName(options.topic);
    const sessionTimeoutMs = options.sessionTimeoutMs ?? GROUP_SESSION_TIMEOUT_MS;
    this.#heartbeatMs = Math.floor(sessionTimeoutMs / 4);
    this.#loop = new ConsumerLoop({
      client: options.client,
      groupId: options.client.groupName(options.groupId),
      topics: [this.#topicName],
      sessionTimeoutMs,
      heartbeatMs: this.#heartbeatMs,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      fetchMaxWaitMs: FETCH_MAX_WAIT_MS,
      fetchMinBytes: options.fetchMinBytes,
      concurrency: options.concurrency ?? CONCURRENCY_DEFAULT,
      onJoined: (assignment) => this.#onJoined(assignment),
      onBatch: (payload) => this.#take(payload),
      onHidden: (_topic, partition, first, last) => this.#passHidden(partition, first, last),
      places: () => this.#watched(),
      onLag: (_, offsets) => options.observer?.lags?.(options.topic, offsets),
      progressDeadlineMs: options.progressDeadlineMs,
      fail: options.fail,
      logger: options.logger,
    });
  }

  /** Resolves when this instance is a member of the group; it may hold no partition yet. */
  async start(): Promise<void> {
    await this.#loop.connect();
    await this.#loop.join();
  }

  /** Waits for the batch in hand, leaves the group, tells `onRevoked`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    try {
      await this.#loop.stop();
    } finally {
      this.#letGo();
      await this.#takeOver;
      await this.#revokeAnnounced();
    }
  }

  /** Partitions that are being read. */
  get partitions(): readonly number[] {
    return [...this.#held.keys()];
  }

  #onJoined(assignment: Assignment): void {
    const partitions = [...(assignment[this.#topicName] ?? [])];
    this.#letGo();
    const generation = this.#generation;
    if (partitions.length > 0) this.#loop.pause(this.#topicName, partitions);
    this.#takeOver = this.#takeOver.then(() => this.#takeOverPartitions(generation, partitions));
  }

  /** Whatever was held is no longer: batches in hand are stale from here on. */
  #letGo(): void {
    this.#generation += 1;
    for (const { retry } of this.#held.values()) clearTimeout(retry?.timer);
    this.#held = new Map();
  }

  async #takeOverPartitions(generation: number, partitions: readonly number[]): Promise<void> {
    const failingSince = performance.now();
    for (let delayMs = RETRY_FIRST_MS; this.#isCurrent(generation); delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
      try {
        await this.#revokeAnnounced();
        await this.#announce(partitions);
        const starts = await this.#startsOf(partitions);
        if (this.#isCurrent(generation)) this.#read(starts);
        return;
      } catch (error) {
        if (!this.#mayRetry(error, failingSince)) return this.#fail('partitions could not be taken over', error);
        this.#options.logger.warn({ err: error, partitions, delayMs }, 'taking over partitions failed, trying again');
        await pause(delayMs, this.#stopping.signal);
      }
    }
  }

  #isCurrent(generation: number): boolean {
    return generation === this.#generation && !this.#stopping.signal.aborted;
  }

  async #announce(partitions: readonly number[]): Promise<void> {
    this.#announced = partitions;
    if (partitions.length > 0) await this.#options.onAssigned?.(partitions);
  }

  async #revokeAnnounced(): Promise<void> {
    const partitions = this.#announced;
    if (partitions.length > 0) await this.#options.onRevoked?.(partitions);
    this.#announced = [];
  }

  async #startsOf(partitions: readonly number[]): Promise<ReadonlyMap<number, HeldPartition>> {
    const starts = new Map<number, HeldPartition>();
    if (partitions.length === 0) return starts;
    const [ranges, committed] = await Promise.all([
      this.#loop.fetchLogRanges(this.#topicName),
      this.#loop.fetchCommitted(this.#topicName),
    ]);
    for (const partition of partitions) {
      const range = ranges.get(partition);
      if (range === undefined) throw new Error(`the brokers know no range of ${this.#topicName}/${partition}`);
      const given = (await this.#options.startAt?.(partition, range)) ?? null;
      const start = given ?? this.#committedStart(partition, committed.get(partition) ?? range.start, range);
      const held = placed(partition, start, range);
      if (!held.isToProve) await this.#options.onPlaced?.(partition, start.next);
      starts.set(partition, held);
    }
    return starts;
  }

  /** A committed offset that is not in the log: what is left of it is read from its start. */
  #committedStart(partition: number, committed: number, range: LogRange): StoredPosition {
    if (problemOfRange(partition, committed, range) === null) return { next: committed, last: null };
    this.#options.logger.error(
      { topic: this.#options.topic, partition, committed, start: range.start },
      'the committed offset is gone',
    );
    return { next: range.start, last: null };
  }

  #read(starts: ReadonlyMap<number, HeldPartition>): void {
    for (const [partition, held] of starts) this.#hold(partition, held);
    if (starts.size > 0) this.#loop.resume(this.#topicName, [...starts.keys()]);
    this.#options.logger.info({ topic: this.#options.topic, partitions: [...starts.keys()] }, 'partitions taken over');
  }

  #hold(partition: number, held: HeldPartition): void {
    this.#held.set(partition, held);
    this.#loop.seek(this.#topicName, partition, held.fetchOffset);
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const held = this.#held.get(batch.partition);
    if (held === undefined || held.retry?.isResting) return; // fetched before the pause; it will be fetched again
    if (fetchedOffsetOf(batch) !== held.fetchOffset) {
      this.#loop.seek(this.#topicName, batch.partition, held.fetchOffset);
      return;
    }
    if (held.isToProve && !(await this.#prove(batch, held))) return;
    const handed = new HandedBatch(payload, held.stored.next, this.#staleness());
    if (handed.records.length > 0) return this.#process(payload, held, handed);
    held.passHidden(held.fetchOffset, Number(batch.lastOffset()));
    this.#options.onHidden?.(batch.partition, held.fetchOffset);
    payload.resolveOffset(batch.lastOffset());
  }

  /** Whether the first fetch at a place shows the log that the place belongs to, and may go on. */
  async #prove({ partition, messages: [first] }: EachBatchPayload['batch'], held: HeldPartition): Promise<boolean> {
    try {
      held.prove(first && toLogRecord(first));
      await this.#options.onPlaced?.(partition, held.stored.next);
      return this.#held.get(partition) === held;
    } catch (error) {
      if (this.#held.get(partition) === held) this.#rest(partition, held, error);
      return false;
    }
  }

  #passHidden(partition: number, first: number, last: number): void {
    const held = this.#held.get(partition);
    if (held === undefined) return;
    try {
      held.passHidden(first, last);
      this.#options.onHidden?.(partition, held.fetchOffset);
    } catch (error) {
      this.#giveUp(partition, error);
    }
  }

  async #process(payload: EachBatchPayload, held: HeldPartition, handed: HandedBatch): Promise<void> {
    const beats = setInterval(() => void handed.beat(), this.#heartbeatMs);
    const startedAt = performance.now();
    try {
      await this.#options.onBatch(handed);
      this.#noteProcessed(handed, performance.now() - startedAt);
      if (!handed.isStale()) this.#goOn(payload, this.#afterSeek(held, handed), handed);
    } catch (error) {
      if (handed.kafkaError !== null) throw handed.kafkaError; // kafkajs rejoins or reconnects by its own errors
      if (!handed.isStale()) this.#rest(handed.partition, this.#afterSeek(held, handed), error);
    } finally {
      clearInterval(beats);
    }
  }

  #noteProcessed({ partition, records, highWatermark, nextOffset }: HandedBatch, durationMs: number): void {
    const lag = Math.max(0, highWatermark - nextOffset);
    this.#options.observer?.processed?.(this.#options.topic, partition, records.length, lag, durationMs);
  }

  /** What is held of the partition once the batch's own seek, if any, counts. */
  #afterSeek(held: HeldPartition, { partition, soughtOffset }: HandedBatch): HeldPartition {
    if (soughtOffset === null) return held;
    const sought = new HeldPartition(partition, { next: soughtOffset, last: null });
    sought.retry = held.retry;
    this.#hold(partition, sought);
    return sought;
  }

  #staleness(): () => boolean {
    const generation = this.#generation;
    return () => generation !== this.#generation;
  }

  #goOn({ batch, resolveOffset }: EachBatchPayload, held: HeldPartition, handed: HandedBatch): void {
    held.retry = null;
    const last = handed.records.at(-1);
    if (handed.soughtOffset !== null || last === undefined) return;
    held.advance(last, handed.nextOffset);
    resolveOffset(batch.lastOffset());
  }

  /** The batch failed: the partition rests, then comes again from the same position. */
  #rest(partition: number, held: HeldPartition, error: unknown): void {
    const failingSince = held.retry?.failingSince ?? performance.now();
    const delayMs = Math.min((held.retry?.delayMs ?? RETRY_FIRST_MS / 2) * 2, RETRY_MAX_MS);
    if (!this.#mayRetry(error, failingSince)) return this.#giveUp(partition, error);
    this.#options.logger.warn(
      { err: error, topic: this.#options.topic, partition, delayMs },
      'a batch failed and comes again',
    );
    this.#options.observer?.failed?.(this.#options.topic, partition);
    this.#loop.pause(this.#topicName, [partition]);
    const timer = setTimeout(() => void this.#wake(partition, held), delayMs);
    held.retry = { timer, isResting: true, failingSince, delayMs };
  }

  #giveUp(partition: number, error: unknown): void {
    this.#held.delete(partition);
    this.#loop.pause(this.#topicName, [partition]);
    this.#fail(`records of ${this.#topicName}/${partition} could not be processed`, error);
  }

  /** Nothing was fetched for as long as the partition rested, so the log has to prove anew that it is the same. */
  async #wake(partition: number, held: HeldPartition): Promise<void> {
    try {
      const asked = this.#loop.fetchLogRanges(this.#topicName);
      const range = (await withDeadline(asked, RANGES_DEADLINE_MS, 'asking for the range of the log')).get(partition);
      if (this.#held.get(partition) !== held) return;
      if (range === undefined) throw new Error(`the brokers know no range of ${this.#topicName}/${partition}`);
      const woken = placed(partition, held.stored, range);
      woken.retry = held.retry && { ...held.retry, isResting: false };
      this.#hold(partition, woken);
      this.#loop.resume(this.#topicName, [partition]);
    } catch (error) {
      const isBrokers = !(error instanceof AnotherLogError);
      const reason = isBrokers ? new ChatError('UNAVAILABLE', { cause: error }) : error;
      if (this.#held.get(partition) === held) this.#rest(partition, held, reason);
    }
  }

  #mayRetry(error: unknown, failingSince: number): boolean {
    if (error instanceof AnotherLogError) return false;
    if (error instanceof ChatError && PASSING.has(error.code)) return true;
    return performance.now() - failingSince < (this.#options.failureBudgetMs ?? FAILURE_BUDGET_MS);
  }

  #fail(reason: string, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#options.fail(error instanceof AnotherLogError ? error.message : reason, error);
  }

  #watched() {
    return Array.from(this.#held, ([partition, { fetchOffset, retry }]) => ({
      topic: this.#topicName,
      partition,
      fetchOffset,
      isPaused: retry?.isResting ?? false,
    }));
  }
}

/** Refusals that say that a part is down: waiting is the right answer, however long. */
const PASSING: ReadonlySet<ChatError['code']> = new Set(['UNAVAILABLE', 'OVERLOADED', 'UNKNOWN']);

/** A partition at a position of the log that goes over `range`. Throws AnotherLogError where it is none of it. */
function placed(partition: number, start: StoredPosition, range: LogRange): HeldPartition {
  const problem = problemOfRange(partition, start.next, range);
  if (problem !== null) throw new AnotherLogError(partition, problem);
  return new HeldPartition(partition, start, provableMark(start, range));
}
