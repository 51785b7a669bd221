/**
 * Where one reader stands in one partition. Offsets have holes: markers and aborted records are fetched but never handed
 * over, so a fetch that follows them asks for an offset beyond the last record's. Two numbers are kept apart: `next`, up to
 * where everything was processed, and `fetchOffset`, what the next fetch in line asks for.
 */
export class PartitionPosition {
  #next: number;
  #fetchOffset: number;

  /** Fetches begin at `fetchOffset`, which may lie below `next` where something is to be read once more. */
  constructor(next: number, fetchOffset = next) {
    this.#next = next;
    this.#fetchOffset = fetchOffset;
  }

  /** Everything below this offset was processed, or is not for this reader. */
  get next(): number {
    return this.#next;
  }

  /** `next`, or beyond it where nothing but hidden records lies between; or below it, as the constructor says. */
  get fetchOffset(): number {
    return this.#fetchOffset;
  }

  /** A fetch brought nothing but hidden records, offsets `first` to `last`. Ignored where it is not the next in line. */
  passHidden(first: number, last: number): void {
    if (first <= this.#fetchOffset && last >= this.#fetchOffset) this.#fetchOffset = last + 1;
  }

  /** Everything below `next` was processed and below `fetchOffset` there is nothing else. Neither ever goes back. */
  advance(next: number, fetchOffset: number): void {
    this.#next = Math.max(this.#next, next);
    this.#fetchOffset = Math.max(this.#fetchOffset, fetchOffset, this.#next);
  }
}
