import type { LogRecord } from './log-record.ts';
import { PartitionPosition } from './partition-position.ts';
import { AnotherLogError, markOf, problemOfRecord, type RecordMark, type StoredPosition } from './stored-position.ts';

/** Set while a partition rests after a failure, and until the batch that failed has succeeded. */
export interface Retry {
  readonly timer: NodeJS.Timeout;
  readonly failingSince: number;
  readonly delayMs: number;
  isResting: boolean;
}

/**
 * Where the reader of one partition stands. Placed with a `proof` it fetches from that record on, and goes no further
 * unless it finds the same one there: so a log that was made anew while nobody looked is not taken for the old one.
 */
export class HeldPartition {
  retry: Retry | null = null;
  readonly #partition: number;
  readonly #position: PartitionPosition;
  #last: RecordMark | null;
  #proof: RecordMark | null;

  constructor(partition: number, { next, last }: StoredPosition, proof: RecordMark | null = null) {
    this.#partition = partition;
    this.#position = new PartitionPosition(next, proof?.offset);
    this.#last = last;
    this.#proof = proof;
  }

  /** What the next fetch in line asks for. */
  get fetchOffset(): number {
    return this.#position.fetchOffset;
  }

  /** Everything below `next` was processed. */
  get stored(): StoredPosition {
    return { next: this.#position.next, last: this.#last };
  }

  /** Whether the proof is still due. */
  get isToProve(): boolean {
    return this.#proof !== null;
  }

  /** Looks at the first record of a fetch in line. Throws AnotherLogError where the proof is due and fails. */
  prove(first: LogRecord | undefined): void {
    if (this.#proof === null) return;
    const problem = problemOfRecord(this.#partition, this.#proof, first);
    if (problem !== null) throw new AnotherLogError(this.#partition, problem);
    this.#proof = null;
  }

  /** A fetch brought nothing but hidden records, offsets `first` to `last`. Throws AnotherLogError where the proof lay there. */
  passHidden(first: number, last: number): void {
    if (first <= this.fetchOffset && last >= this.fetchOffset) this.prove(undefined);
    this.#position.passHidden(first, last);
  }

  /** A batch was processed: its last record, and where the next one begins. */
  advance(lastRecord: LogRecord, nextOffset: number): void {
    this.#last = markOf(lastRecord);
    this.#position.advance(nextOffset, nextOffset);
  }
}
