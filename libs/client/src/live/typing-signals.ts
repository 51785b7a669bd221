/** What to tell the room at a key; null for nothing. Says "types" once in a while, and "no more" at once. Times in ms. */
export class TypingSignals {
  readonly #everyMs: number;
  #saidAt: number | null = null;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  next(isTyping: boolean, now: number): boolean | null {
    if (!isTyping) {
      const wasTyping = this.#saidAt !== null;
      this.#saidAt = null;
      return wasTyping ? false : null;
    }
    if (this.#saidAt !== null && now - this.#saidAt < this.#everyMs) return null;
    this.#saidAt = now;
    return true;
  }

  /** A message was sent: who writes on says so anew. */
  forget(): void {
    this.#saidAt = null;
  }
}
