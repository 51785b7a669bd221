import { pause, withDeadline, type ChatError } from '@chat/service-kit';
import { attempt, RETRY_FIRST_MS, RETRY_MAX_MS, type AttemptObserver } from './attempt.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import { judgeProduceFailure } from './produce-failure.ts';
import { neverSent, outcomeUnknown, overloaded, refusal } from './publish-errors.ts';
import { RecordQueue, type EntrySize, type QueueEntry, type QueueLimits } from './record-queue.ts';

/** After this long an attempt counts as failed even if the client library never answers, in ms. */
const ATTEMPT_DEADLINE_MS = 10_000;

/** Appends the batch, of so many bytes, to the partition and answers the offset of its first record. One attempt, no retry. */
export type AppendBatch = (records: readonly OutgoingRecord[], bytes: number) => Promise<number>;

export interface PartitionLaneOptions {
  readonly append: AppendBatch;
  readonly limits: QueueLimits;
  /** Monotonic time in ms. */
  readonly now: () => number;
  readonly observer?: AttemptObserver | undefined;
}

/** A stretch in the order of a lane in which the lane sends nothing: somebody else appends to its partition. */
export interface LaneTurn {
  /** The lane has come to it, with nothing in flight; it goes on once this resolves. Never rejects. */
  take(): Promise<void>;
  /** Nobody waits for it any more, or the lane is aborted. Called once a lane at most, before or after `take`. */
  giveUp(): void;
}

interface Entry extends QueueEntry {
  /** None of a turn. */
  readonly records: readonly OutgoingRecord[];
  readonly resolve: (firstOffset: number) => void;
  readonly reject: (error: ChatError) => void;
  readonly turn?: LaneTurn;
  isSettled: boolean;
}

/**
 * The way to one partition: one batch in flight at a time, the same batch attempted again until the deadline of its last
 * record, and what queues up meanwhile is the next batch. So records are appended in the order of `publish`, and there is
 * neither a linger timer nor a second request that could overtake the first. A turn has its place in that order too.
 */
export class PartitionLane {
  readonly #append: AppendBatch;
  readonly #now: () => number;
  readonly #observer: AttemptObserver | undefined;
  readonly #limits: QueueLimits;
  readonly #queue: RecordQueue<Entry>;
  readonly #aborted = new AbortController();
  #inFlight: readonly Entry[] = [];
  /** Whether the batch in flight may be in the log, or come to be. */
  #mayBeInLog = false;
  #running: Promise<void> | null = null;
  #expiryTimer: NodeJS.Timeout | undefined;

  constructor({ append, limits, now, observer }: PartitionLaneOptions) {
    this.#append = append;
    this.#now = now;
    this.#observer = observer;
    this.#limits = limits;
    this.#queue = new RecordQueue(limits);
  }

  get limits(): QueueLimits {
    return this.#limits;
  }

  /** Records that wait, without those in flight. */
  get queuedCount(): number {
    return this.#queue.recordCount;
  }

  /**
   * Appends the records together. Resolves with the offset of the first; rejects OVERLOADED where the queue is full,
   * UNAVAILABLE where the deadline passes before anything was sent, UNKNOWN where it passes after, BODY_TOO_LARGE or
   * INTERNAL where the brokers refuse the records for good.
   */
  publish(records: readonly OutgoingRecord[], bytes: number, deadlineMs: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const expiresAt = this.#now() + deadlineMs;
    const entry: Entry = { records, recordCount: records.length, bytes, expiresAt, resolve, reject, isSettled: false };
    if (!this.#queue.offer(entry)) {
      reject(overloaded(this.#limits));
      return promise;
    }
    this.#expiryTimer ??= setTimeout(this.#expire, deadlineMs);
    this.#running ??= this.#run();
    return promise;
  }

  /** Whether records of this size may wait here now. */
  hasRoomFor(size: EntrySize): boolean {
    return this.#queue.hasRoomFor(size);
  }

  /**
   * Puts a turn behind what waits and before what comes, in place of records of this size. It is given up at `expiresAt`
   * (on the clock of `now`, in ms; nothing that was put in before expires later), and at once where there is no room for it.
   */
  reserve(turn: LaneTurn, { recordCount, bytes }: EntrySize, expiresAt: number): void {
    const [resolve, reject] = [() => {}, () => turn.giveUp()];
    const size = { recordCount, bytes, expiresAt, isAlone: true };
    const entry: Entry = { ...size, records: [], resolve, reject, turn, isSettled: false };
    if (!this.#queue.offer(entry)) return settle(entry, reject);
    this.#expiryTimer ??= setTimeout(this.#expire, Math.max(1, expiresAt - this.#now()));
    this.#running ??= this.#run();
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Makes no further attempt: what waits and what is in flight is told so at once. */
  abort(): void {
    this.#aborted.abort();
    for (const entry of this.#inFlight) settle(entry, () => entry.reject(this.#expiryOfBatch()));
    for (const entry of this.#queue.takeExpired(Infinity)) settle(entry, () => entry.reject(neverSent()));
    this.#stopExpiry();
  }

  async #run(): Promise<void> {
    await null; // whatever is published in the same turn shares the first batch
    for (;;) {
      const { batch, expired } = this.#queue.takeBatch(this.#now());
      for (const entry of expired) settle(entry, () => entry.reject(neverSent()));
      if (batch.length === 0) break;
      this.#inFlight = batch;
      const turn = batch[0]?.turn;
      await (turn === undefined ? this.#appendUntilDeadline(batch) : turn.take());
      this.#inFlight = [];
    }
    this.#stopExpiry();
    this.#running = null;
  }

  async #appendUntilDeadline(batch: readonly Entry[]): Promise<void> {
    const records = batch.flatMap((entry) => entry.records);
    const size = { recordCount: records.length, bytes: batch.reduce((sum, entry) => sum + entry.bytes, 0) };
    const endAt = batch.at(-1)?.expiresAt ?? 0;
    let wasSent = false;
    for (let retryMs = RETRY_FIRST_MS; ; retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)) {
      this.#mayBeInLog = true;
      const outcome = await this.#attempt(records, size);
      if (outcome.ok) return acknowledge(batch, outcome.value);
      const failure = judgeProduceFailure(outcome.error);
      if (failure === 'outcome unknown') wasSent = true;
      this.#mayBeInLog = wasSent;
      const isFinal = failure === 'refused' || failure === 'too large';
      if (isFinal && !wasSent) return rejectAll(batch, refusal(failure, outcome.error));
      if (isFinal || this.#now() + retryMs >= endAt || this.#aborted.signal.aborted) {
        return rejectAll(batch, this.#expiryOfBatch(outcome.error));
      }
      await pause(retryMs, this.#aborted.signal);
    }
  }

  #expiryOfBatch(cause?: unknown): ChatError {
    return this.#mayBeInLog ? outcomeUnknown(cause) : neverSent(cause);
  }

  #attempt(records: readonly OutgoingRecord[], size: EntrySize) {
    const append = () => withDeadline(this.#append(records, size.bytes), ATTEMPT_DEADLINE_MS, 'an append');
    return attempt(append, { size, now: this.#now, observer: this.#observer });
  }

  /** Answers whoever has waited long enough, whatever the attempt in flight is doing. */
  readonly #expire = (): void => {
    const now = this.#now();
    for (const entry of this.#inFlight) {
      if (entry.expiresAt <= now) settle(entry, () => entry.reject(this.#expiryOfBatch()));
    }
    for (const entry of this.#queue.takeExpired(now)) settle(entry, () => entry.reject(neverSent()));
    const next = this.#inFlight.find((entry) => !entry.isSettled)?.expiresAt ?? this.#queue.nextExpiry;
    this.#expiryTimer = next === null ? undefined : setTimeout(this.#expire, Math.max(1, next - now));
  };

  #stopExpiry(): void {
    clearTimeout(this.#expiryTimer);
    this.#expiryTimer = undefined;
  }
}

function settle(entry: Entry, answer: () => void): void {
  if (entry.isSettled) return;
  entry.isSettled = true;
  answer();
}

function acknowledge(batch: readonly Entry[], firstOffset: number): void {
  let offset = firstOffset;
  for (const entry of batch) {
    const own = offset;
    settle(entry, () => entry.resolve(own));
    offset += entry.recordCount;
  }
}

function rejectAll(batch: readonly Entry[], error: ChatError): void {
  for (const entry of batch) settle(entry, () => entry.reject(error));
}
