interface Entry<Value> {
  readonly value: Value;
  readonly offset: number;
}

/**
 * A map whose entries are forgotten once the log has gone on by `windowOffsets` since they were last set. Offsets must not
 * fall from one `set` to the next, but for entries that are only learned of late: those stay too long, never too short.
 */
export class OffsetWindow<Key, Value> {
  readonly #windowOffsets: number;
  readonly #entries = new Map<Key, Entry<Value>>();
  /**
   * Goes once over the entries in the order of their setting, while they come and go. A new walk would begin with the holes
   * that forgotten entries have left, each time.
   */
  #walk = this.#entries.entries();
  #oldest: [Key, Entry<Value>] | undefined;

  constructor(windowOffsets: number) {
    this.#windowOffsets = windowOffsets;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  set(key: Key, value: Value, offset: number): void {
    this.#entries.delete(key); // so that it goes to the end of the walk
    this.#entries.set(key, { value, offset });
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  /** The log has come to `offset`. */
  advance(offset: number): void {
    for (let entry = this.#peek(); entry !== undefined; entry = this.#peek()) {
      const [key, { offset: setAt }] = entry;
      const isCurrent = this.#entries.get(key) === entry[1];
      if (isCurrent && setAt >= offset - this.#windowOffsets) return;
      if (isCurrent) this.#entries.delete(key);
      this.#oldest = undefined;
    }
  }

  #peek(): [Key, Entry<Value>] | undefined {
    this.#oldest ??= this.#walk.next().value;
    if (this.#oldest === undefined) this.#walk = this.#entries.entries(); // a walk that has ended sees nothing new
    return this.#oldest;
  }
}
