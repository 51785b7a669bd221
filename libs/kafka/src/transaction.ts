import type { ChatError } from '@chat/service-kit';
import type { LaneTurn } from './partition-lane.ts';
import { neverCommitted, outcomeUnknown } from './publish-errors.ts';
import type { TransactionPart } from './transaction-parts.ts';

export interface TransactionOptions {
  /** Name of the topic on the cluster. */
  readonly topic: string;
  /** One for each lane that will come to it. */
  readonly parts: readonly TransactionPart[];
  /** On the clock of the lanes, in ms. */
  readonly expiresAt: number;
  /** Told once, when all lanes have come to it. */
  readonly onReady: (transaction: Transaction) => void;
}

/**
 * Records for several partitions that become visible together or not at all. It has a turn in the lane of each partition;
 * once all lanes have come to it they are held until `release`. All lanes are given their turn in one call, so of two
 * transactions the earlier one is ahead in every lane that they share: they never wait for each other. Knows no Kafka.
 */
export class Transaction implements LaneTurn {
  readonly topic: string;
  readonly parts: readonly TransactionPart[];
  readonly expiresAt: number;
  readonly #onReady: (transaction: Transaction) => void;
  readonly #answer = Promise.withResolvers<readonly number[]>();
  readonly #givenUp = new AbortController();
  readonly #released = Promise.withResolvers<void>();
  #lanesToCome: number;
  #hasBegun = false;
  #isSettled = false;
  #mayBeCommitted = false;

  constructor({ topic, parts, expiresAt, onReady }: TransactionOptions) {
    this.topic = topic;
    this.parts = parts;
    this.expiresAt = expiresAt;
    this.#onReady = onReady;
    this.#lanesToCome = parts.length;
  }

  /** The offset of the first record of each part; or why it is not known to be committed. */
  get answer(): Promise<readonly number[]> {
    return this.#answer.promise;
  }

  /** Aborts once nobody waits for it any more. */
  get givenUp(): AbortSignal {
    return this.#givenUp.signal;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether it may be in the log, or come to be: a commit was begun, and is not known to have failed. */
  get mayBeCommitted(): boolean {
    return this.#mayBeCommitted;
  }

  take(): Promise<void> {
    this.#lanesToCome -= 1;
    if (this.#lanesToCome === 0 && !this.#isSettled) this.#onReady(this);
    return this.#released.promise;
  }

  /** Answers it. The lanes go on at once where it has not begun; else once whoever works on it has let go. */
  giveUp(): void {
    this.rejectUndone();
    this.#givenUp.abort(new Error('nobody waits for the transaction any more'));
    if (!this.#hasBegun) this.release();
  }

  /** Whether it may be worked on: not where it was given up. */
  begin(): boolean {
    this.#hasBegun = !this.#isSettled;
    return this.#hasBegun;
  }

  /** Whether it may be committed: never once it was answered that it is not. */
  beginCommit(): boolean {
    if (!this.#isSettled) this.#mayBeCommitted = true;
    return !this.#isSettled;
  }

  resolve(firstOffsets: readonly number[]): void {
    this.#isSettled = true;
    this.#answer.resolve(firstOffsets);
  }

  reject(error: ChatError): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#answer.reject(error);
  }

  /** UNKNOWN where it may be committed, else UNAVAILABLE. */
  rejectUndone(cause?: unknown): void {
    this.reject(this.#mayBeCommitted ? outcomeUnknown(cause) : neverCommitted(cause));
  }

  /** Lets the lanes go on. */
  release(): void {
    this.#released.resolve();
  }
}
