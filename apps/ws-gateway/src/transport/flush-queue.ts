/** Something with bytes to write at the end of this turn of the event loop. */
export interface Flushable {
  flush(): void;
}

/**
 * Connections that got frames in this turn. Each is flushed once, so that all its frames of the turn leave in one
 * system call; on an idle system that is at once.
 */
export class FlushQueue {
  #dirty: Flushable[] = [];
  #scheduled = false;
  readonly #run = (): void => this.flushAll();

  add(connection: Flushable): void {
    this.#dirty.push(connection);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#run);
  }

  flushAll(): void {
    this.#scheduled = false;
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const connection of dirty) connection.flush();
  }
}
