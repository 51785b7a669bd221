import { withDeadline, type Logger } from '@chat/service-kit';
import type { Admin, Consumer, EachBatchPayload } from 'kafkajs';
import type { KafkaClient } from './client.ts';
import { ConsumerWatchdog, PROGRESS_DEADLINE_MS, type WatchedPlace } from './consumer-watchdog.ts';
import { causesOf } from './error-causes.ts';
import { OffsetOutOfRangeError } from './kafkajs-guards.ts';
import { fetchLogRanges, type LogRange } from './log-ends.ts';
import { isPassingCrash } from './passing-crash.ts';
import { retryPassing } from './retry-passing.ts';

/** Longest wait for the first join of the group, in ms. */
const JOIN_DEADLINE_MS = 30_000;
/** Longest wait for brokers that do not know a new topic yet, in ms. */
const TOPICS_DEADLINE_MS = 10_000;
/** Longest wait for the batch in hand and for leaving the group, in ms: a draining app has 5 s for its consumers (P9). */
const STOP_DEADLINE_MS = 5_000;
/** Pause before a consumer that kafkajs has given up is started anew, in ms. */
const RESTART_MS = 1_000;

/** Ends the process: a consumer that cannot go on must not live on deaf. */
export type Fail = (reason: string, error?: unknown) => void;

/** Partitions of this member by topic, names as on the cluster. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

export interface ConsumerLoopOptions {
  readonly client: Pick<KafkaClient, 'createConsumer' | 'createAdmin'>;
  readonly groupId: string;
  /** Names on the cluster. */
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  /**
   * Longest that members may take to rejoin when the group changes, in ms. After an outage kafkajs joins as a new member, and
   * the group waits this long for the old one.
   */
  readonly rebalanceTimeoutMs: number;
  /** How long a broker holds a fetch that finds nothing, in ms: also how late a change of plan is noticed. */
  readonly fetchMaxWaitMs: number;
  /** A broker holds a fetch that finds less than this, in bytes; 1 by default. */
  readonly fetchMinBytes?: number | undefined;
  /** Batches of different partitions that may be processed at once. */
  readonly concurrency: number;
  /** Called within the join, before anything is fetched: seek or pause every partition here. Must not wait. */
  readonly onJoined: (assignment: Assignment) => void;
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  /** A fetch brought nothing but markers and aborted records, offsets `first` to `last`. */
  readonly onHidden: (topic: string, partition: number, first: number, last: number) => void;
  readonly places: () => readonly WatchedPlace[];
  /** Told every few seconds how many offsets the places of a topic lie before the ends of their logs. */
  readonly onLag?: (topic: string, offsets: number) => void;
  /** How long this consumer may stand still, in ms; 20,000 by default. */
  readonly progressDeadlineMs?: number | undefined;
  readonly fail: Fail;
  readonly logger: Logger;
}

/**
 * One kafkajs consumer with what it lacks: it commits nothing and resolves nothing on its own, tells of fetches that had no
 * record to hand over, and ends the process where kafkajs would leave it deaf (DESIGN §6).
 */
export class ConsumerLoop {
  readonly #options: ConsumerLoopOptions;
  readonly #consumer: Consumer;
  readonly #admin: Admin;
  readonly #watchdog: ConsumerWatchdog;
  readonly #joined = Promise.withResolvers<void>();
  #fetchCount = 0;
  #restartTimer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(options: ConsumerLoopOptions) {
    this.#options = options;
    this.#consumer = options.client.createConsumer({
      groupId: options.groupId,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatMs,
      rebalanceTimeout: options.rebalanceTimeoutMs,
      maxWaitTimeInMs: options.fetchMaxWaitMs,
      minBytes: options.fetchMinBytes ?? 1,
    });
    this.#admin = options.client.createAdmin();
    this.#watchdog = new ConsumerWatchdog({
      topics: options.topics,
      fetchLogRanges: (topic) => this.fetchLogRanges(topic),
      places: options.places,
      fetchCount: () => this.#fetchCount,
      progressDeadlineMs: options.progressDeadlineMs ?? PROGRESS_DEADLINE_MS,
      onDeaf: (reason) => this.#fail(reason),
      onLag: options.onLag,
    });
    this.#listen();
  }

  /** Connects; the ranges of the log can be asked for from here on. */
  async connect(): Promise<void> {
    await Promise.all([this.#admin.connect(), this.#consumer.connect()]);
  }

  /** Resolves when the group is joined and `onJoined` has placed every partition. */
  async join(): Promise<void> {
    const { topics } = this.#options;
    const subscribe = () => this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await retryPassing(subscribe, TOPICS_DEADLINE_MS);
    await this.#run();
    await withDeadline(this.#joined.promise, JOIN_DEADLINE_MS, `joining the group ${this.#options.groupId}`);
    this.#watchdog.start();
  }

  /** Whatever fails in it comes as a crash, so that this never rejects. */
  #run(): Promise<void> {
    const { concurrency, onBatch } = this.#options;
    return this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch: onBatch,
    });
  }

  /** Waits for the batch in hand, leaves the group, disconnects. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restartTimer);
    this.#watchdog.stop();
    const closed = Promise.allSettled([this.#consumer.disconnect(), this.#admin.disconnect()]);
    await withDeadline(closed, STOP_DEADLINE_MS, `leaving the group ${this.#options.groupId}`);
  }

  fetchLogRanges(topic: string): Promise<ReadonlyMap<number, LogRange>> {
    return fetchLogRanges(this.#admin, topic);
  }

  /** Committed offsets of the group by partition; those without one are left out. */
  async fetchCommitted(topic: string): Promise<ReadonlyMap<number, number>> {
    const [answer] = await this.#admin.fetchOffsets({ groupId: this.#options.groupId, topics: [topic] });
    const offsets = (answer?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)] as const);
    return new Map(offsets.filter(([, offset]) => offset >= 0));
  }

  /** The next fetch of the partition asks for this offset. */
  seek(topic: string, partition: number, offset: number): void {
    this.#whileRunning(() => this.#consumer.seek({ topic, partition, offset: String(offset) }));
  }

  pause(topic: string, partitions: readonly number[]): void {
    this.#whileRunning(() => this.#consumer.pause([{ topic, partitions: [...partitions] }]));
  }

  resume(topic: string, partitions: readonly number[]): void {
    this.#whileRunning(() => this.#consumer.resume([{ topic, partitions: [...partitions] }]));
  }

  /** kafkajs throws between a crash and the restart; the join that follows places everything anew. */
  #whileRunning(command: () => void): void {
    try {
      command();
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'the consumer is between two runs');
    }
  }

  #listen(): void {
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#options.onJoined(payload.memberAssignment);
      this.#joined.resolve();
    });
    this.#consumer.on(events.FETCH, () => {
      this.#fetchCount += 1;
    });
    this.#consumer.on(events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0) return;
      const last = Number(payload.lastOffset);
      const first = Number((payload.firstOffset as string | null) ?? last); // null where all of them lie below the fetch, which the types leave out
      this.#options.onHidden(payload.topic, payload.partition, first, last);
    });
    this.#consumer.on(events.CRASH, ({ payload }) => {
      if (payload.restart) this.#options.logger.warn({ err: payload.error }, 'the consumer starts anew');
      else if (isPassingCrash(payload.error)) this.#restart(payload.error);
      else this.#fail(this.#outOfRange(payload.error) ?? 'the consumer crashed', payload.error);
    });
  }

  #restart(error: Error): void {
    if (this.#isStopping) return;
    this.#options.logger.warn({ err: error }, 'the consumer starts anew, though kafkajs would not');
    this.#restartTimer = setTimeout(() => void this.#run(), RESTART_MS);
  }

  #outOfRange(error: Error): string | null {
    const found = causesOf(error).find((cause) => cause instanceof OffsetOutOfRangeError);
    if (found === undefined) return null;
    const isPlace = (place: WatchedPlace) => place.topic === found.topic && place.partition === found.partition;
    const position = this.#options.places().find(isPlace)?.fetchOffset;
    return `the log of ${found.topic}/${found.partition} does not have the position ${position ?? 'that was asked for'}`;
  }

  #fail(reason: string, error?: unknown): void {
    if (this.#isStopping) return;
    this.#options.fail(`${reason} (group ${this.#options.groupId})`, error);
  }
}

/** The offset that the fetch of this batch asked for; kafkajs has it but its types leave it out. */
export function fetchedOffsetOf(batch: EachBatchPayload['batch']): number {
  return Number((batch as EachBatchPayload['batch'] & { readonly fetchedOffset: string }).fetchedOffset);
}
