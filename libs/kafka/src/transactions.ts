import { pause, withDeadline } from '@chat/service-kit';
import { attempt, RETRY_FIRST_MS, RETRY_MAX_MS, type AttemptObserver } from './attempt.ts';
import { TRANSACTION_TIMEOUT_MS } from './client.ts';
import type { PartitionLane } from './partition-lane.ts';
import { judgeProduceFailure } from './produce-failure.ts';
import { overloaded, refusal } from './publish-errors.ts';
import { Transaction } from './transaction.ts';
import type { TransactionPart } from './transaction-parts.ts';
import type { TransactionTransport } from './transactional-transport.ts';

/** After this long a step of an attempt counts as failed even if the client library never answers, in ms. */
const STEP_DEADLINE_MS = 2_500;

export interface TransactionsOptions {
  readonly transport: TransactionTransport;
  /** Monotonic time in ms, the lanes' own. */
  readonly now: () => number;
  /** Told of every attempt of a whole transaction. */
  readonly observer?: AttemptObserver | undefined;
}

/** What goes to one partition, and the way there. */
export interface PartInLane {
  readonly part: TransactionPart;
  readonly lane: Pick<PartitionLane, 'hasRoomFor' | 'limits' | 'reserve'>;
}

/**
 * Publishes to several partitions together: one Kafka transaction at a time, in the order in which their lanes have come to
 * them. A failed attempt is made again until the deadline; whatever failed is ended by a new producer with the same
 * transactional id before anything else is tried. A retry after a commit of unknown outcome may append the records twice;
 * readers drop a `ce_id` that they have seen.
 */
export class Transactions {
  readonly #transport: TransactionTransport;
  readonly #now: () => number;
  readonly #observer: AttemptObserver | undefined;
  readonly #closing = new AbortController();
  readonly #ready: Transaction[] = [];
  #running: Promise<void> | null = null;
  /** Until when the brokers may keep a transaction open that was begun here, on the clock of `now`. */
  #openUntil = -Infinity;

  constructor({ transport, now, observer }: TransactionsOptions) {
    this.#transport = transport;
    this.#now = now;
    this.#observer = observer;
  }

  /**
   * Gives the records their place in every lane, now. Resolves with the offset of the first record of each part once all are
   * committed. Rejects OVERLOADED where a lane is full, and none of it is in any; UNAVAILABLE where it is certain that
   * nothing is visible or will be, UNKNOWN where it is not, INTERNAL or BODY_TOO_LARGE where the brokers refuse for good.
   */
  publish(topic: string, inLanes: readonly PartInLane[], deadlineMs: number): Promise<readonly number[]> {
    const parts = inLanes.map(({ part }) => part);
    const full = inLanes.find(({ lane, part }) => !lane.hasRoomFor(sizeOfPart(part)));
    if (full !== undefined) return Promise.reject(overloaded(full.lane.limits));
    const expiresAt = this.#now() + deadlineMs;
    const transaction = new Transaction({ topic, parts, expiresAt, onReady: this.#enqueue });
    for (const { part, lane } of inLanes) lane.reserve(transaction, sizeOfPart(part), expiresAt);
    return transaction.answer;
  }

  /** Makes no further attempt and disconnects. What may be open then is ended by the brokers, after its timeout. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#transport.close();
    await this.#running;
  }

  readonly #enqueue = (transaction: Transaction): void => {
    this.#ready.push(transaction);
    this.#running ??= this.#run();
  };

  async #run(): Promise<void> {
    for (;;) {
      const next = this.#ready.shift();
      if (next?.begin() === true) await this.#publishUntilDeadline(next);
      else if (next === undefined && this.#mustEnd()) await this.#endWhatIsOpen();
      else if (next === undefined) break;
      next?.release();
    }
    this.#running = null;
  }

  async #publishUntilDeadline(transaction: Transaction): Promise<void> {
    for (let retryMs = RETRY_FIRST_MS; ; retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)) {
      const outcome = await this.#attempt(transaction);
      if (outcome.ok) return transaction.resolve(outcome.value);
      this.#transport.discard();
      const failure = judgeProduceFailure(outcome.error);
      const isFinal = failure === 'refused' || failure === 'too large';
      if (isFinal && !transaction.mayBeCommitted) return transaction.reject(refusal(failure, outcome.error));
      if (isFinal || this.#now() + retryMs >= transaction.expiresAt) return transaction.rejectUndone(outcome.error);
      await pause(retryMs, transaction.givenUp);
      if (transaction.isSettled) return;
    }
  }

  #attempt(transaction: Transaction) {
    const recordCount = transaction.parts.reduce((sum, { records }) => sum + records.length, 0);
    const bytes = transaction.parts.reduce((sum, part) => sum + part.bytes, 0);
    const size = { recordCount, bytes };
    return attempt(() => this.#commit(transaction), { size, now: this.#now, observer: this.#observer });
  }

  async #commit(transaction: Transaction): Promise<readonly number[]> {
    const step = <Value>(work: Promise<Value>, what: string) =>
      withDeadline(unlessAborted(work, transaction.givenUp), STEP_DEADLINE_MS, what);
    await step(this.#initialise(), 'initialising the transactional producer');
    this.#openUntil = this.#now() + TRANSACTION_TIMEOUT_MS;
    const appended = this.#transport.append(transaction.topic, transaction.parts);
    const firstOffsets = await step(appended, 'appending in a transaction');
    if (!transaction.beginCommit()) throw new Error('the transaction was given up before its commit');
    await step(this.#transport.commit(), 'committing a transaction');
    this.#openUntil = -Infinity;
    return firstOffsets;
  }

  async #initialise(): Promise<void> {
    await this.#transport.initialise();
    this.#openUntil = -Infinity;
  }

  /** An open transaction hides what is behind it from readers, so it is ended even where nothing else is to be published. */
  #mustEnd(): boolean {
    return this.#openUntil > this.#now() && !this.#closing.signal.aborted;
  }

  async #endWhatIsOpen(): Promise<void> {
    try {
      const ended = unlessAborted(this.#initialise(), this.#closing.signal);
      await withDeadline(ended, STEP_DEADLINE_MS, 'ending a transaction');
    } catch {
      this.#transport.discard(); // the brokers end it themselves where this never works
      await pause(RETRY_MAX_MS, this.#closing.signal);
    }
  }
}

function sizeOfPart({ records, bytes }: TransactionPart) {
  return { recordCount: records.length, bytes };
}

/** The promise's own outcome, or a rejection with the signal's reason once it aborts. */
function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }); // both are aborted with Errors
  if (signal.aborted) reject(signal.reason as Error);
  return Promise.race([work, aborted]);
}
