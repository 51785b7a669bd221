/** Calls a function at an interval while there is something for it to do; asleep it costs nothing. */
export class Ticks {
  readonly #everyMs: number;
  readonly #tick: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(everyMs: number, tick: () => void) {
    this.#everyMs = everyMs;
    this.#tick = tick;
  }

  /** Calls it from now on, where it is not called already and was not stopped for good. */
  run(): void {
    if (!this.#isStopped) this.#timer ??= setInterval(this.#tick, this.#everyMs);
  }

  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** It is never called again. */
  stop(): void {
    this.#isStopped = true;
    this.rest();
  }
}
