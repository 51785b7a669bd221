import { pause } from '@chat/service-kit';

interface Waiter {
  readonly offset: number;
  readonly arrive: () => void;
}

/** How far message-persister has told to have stored each partition of the log; a hint, the rows themselves decide. */
export class StoredPositions {
  readonly #known = new Map<number, { epoch: number; next: number }>();
  readonly #waiters = new Map<number, Set<Waiter>>();

  /** Everything of the partition below `next` is stored. */
  note({ epoch, partition, next }: { epoch: number; partition: number; next: number }): void {
    const known = this.#known.get(partition);
    if (known !== undefined && (epoch < known.epoch || (epoch === known.epoch && next <= known.next))) return;
    this.#known.set(partition, { epoch, next });
    for (const waiter of this.#waiters.get(partition) ?? []) if (waiter.offset <= next) waiter.arrive();
  }

  /** Number of the log that was told of last; 0 where nothing was told. */
  get epoch(): number {
    let greatest = 0;
    for (const { epoch } of this.#known.values()) greatest = Math.max(greatest, epoch);
    return greatest;
  }

  /** Whether the record may be stored: it is, or nothing was told of its partition. */
  mayHold(partition: number, offset: number): boolean {
    return !this.#known.has(partition) || this.holds(partition, offset);
  }

  /** Whether it was told that everything up to the record is stored. */
  holds(partition: number, offset: number): boolean {
    return offset < (this.#known.get(partition)?.next ?? 0);
  }

  /**
   * Waits while it was told that less than `offset` is stored: until more is told, for `maxMs`, or until an abort. At once
   * where nothing was told.
   */
  async waitFor(partition: number, offset: number, maxMs: number, signal: AbortSignal): Promise<void> {
    const known = this.#known.get(partition);
    if (known === undefined || known.next >= offset) return;
    await this.#wait(partition, offset, maxMs, signal);
  }

  /** Waits until more of the partition is told to be stored, for `maxMs` at most. */
  waitForMore(partition: number, maxMs: number): Promise<void> {
    return this.#wait(partition, (this.#known.get(partition)?.next ?? 0) + 1, maxMs);
  }

  async #wait(partition: number, offset: number, maxMs: number, signal?: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const waiter = { offset, arrive: () => waiting.abort() };
    const waiters = this.#waiters.get(partition) ?? new Set<Waiter>();
    this.#waiters.set(partition, waiters.add(waiter));
    await pause(maxMs, signal === undefined ? waiting.signal : AbortSignal.any([waiting.signal, signal]));
    waiters.delete(waiter);
  }
}
