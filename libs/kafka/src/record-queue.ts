/**
 * What is published together or not at all: one record, or those of one transaction within a partition. A transaction over
 * several partitions is an entry in the queue of each of them, run when it heads them all (DESIGN §5.1).
 */
export interface QueueEntry extends EntrySize {
  /** When nobody waits for it any more, on the clock of `now`, in ms. Entries come in the order of their expiry. */
  readonly expiresAt: number;
  /** Shares no batch with others. */
  readonly isAlone?: boolean;
}

export interface EntrySize {
  readonly recordCount: number;
  /** Size in a batch, in bytes. */
  readonly bytes: number;
}

export interface QueueLimits {
  /** Records that may wait. */
  readonly maxRecords: number;
  /** Bytes that may wait. */
  readonly maxBytes: number;
  readonly batchMaxRecords: number;
  readonly batchMaxBytes: number;
}

/** The next batch and the entries that were in front of it but came too late to be sent. */
export interface NextBatch<Entry> {
  readonly batch: readonly Entry[];
  readonly expired: readonly Entry[];
}

/**
 * The records that wait for one partition, first in first out, bounded in records and bytes. Decides what the next batch
 * is; knows no Kafka and no clock.
 */
export class RecordQueue<Entry extends QueueEntry> {
  readonly #limits: QueueLimits;
  #entries: Entry[] = [];
  /** Index of the first entry that still waits; those before it are gone. */
  #head = 0;
  #recordCount = 0;
  #bytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** When the first entry expires, or null where none waits. */
  get nextExpiry(): number | null {
    return this.#entries[this.#head]?.expiresAt ?? null;
  }

  /** Whether an entry of this size would be taken in. An empty queue takes any entry. */
  hasRoomFor({ recordCount, bytes }: EntrySize): boolean {
    const { maxRecords, maxBytes } = this.#limits;
    if (this.#recordCount === 0) return true;
    return this.#recordCount + recordCount <= maxRecords && this.#bytes + bytes <= maxBytes;
  }

  /** Takes the entry in, or refuses it (false) where it would go beyond a bound. */
  offer(entry: Entry): boolean {
    if (!this.hasRoomFor(entry)) return false;
    this.#entries.push(entry);
    this.#recordCount += entry.recordCount;
    this.#bytes += entry.bytes;
    return true;
  }

  /** Removes and returns the entries that have expired by `now`. */
  takeExpired(now: number): Entry[] {
    return this.#takeWhile((entry) => entry.expiresAt <= now);
  }

  /** Removes and returns the longest run of entries that fits a batch; the first always fits. Entries are never split. */
  takeBatch(now: number): NextBatch<Entry> {
    const expired = this.takeExpired(now);
    let records = 0;
    let bytes = 0;
    let isClosed = false;
    const batch = this.#takeWhile((entry) => {
      const fits =
        records === 0 ||
        (!isClosed &&
          entry.isAlone !== true &&
          records + entry.recordCount <= this.#limits.batchMaxRecords &&
          bytes + entry.bytes <= this.#limits.batchMaxBytes);
      records += entry.recordCount;
      bytes += entry.bytes;
      isClosed = entry.isAlone === true;
      return fits;
    });
    return { batch, expired };
  }

  #takeWhile(isTaken: (entry: Entry) => boolean): Entry[] {
    const taken: Entry[] = [];
    for (let entry = this.#entries[this.#head]; entry !== undefined; entry = this.#entries[this.#head]) {
      if (!isTaken(entry)) break;
      taken.push(entry);
      this.#head += 1;
      this.#recordCount -= entry.recordCount;
      this.#bytes -= entry.bytes;
    }
    this.#dropTaken();
    return taken;
  }

  #dropTaken(): void {
    if (this.#head === this.#entries.length) this.#entries = [];
    else if (this.#head * 2 > this.#entries.length) this.#entries = this.#entries.slice(this.#head);
    else return;
    this.#head = 0;
  }
}
