/** After so long without an answer of the brokers, in ms, nobody can be blamed for silence. */
const ANSWERS_APART_MAX_MS = 12_000;

/** How long a partition is out of force while the brokers answer. Pure: time is passed in, in ms. */
export class Deafness {
  #answeringSince = Infinity;
  #answeredAt = -Infinity;

  /** The brokers answer, as they are asked every 5 s. */
  answered(now: number): void {
    if (now > this.#answeredAt + ANSWERS_APART_MAX_MS) this.#answeringSince = now; // they did not, or this process was frozen
    this.#answeredAt = now;
  }

  /** Of what has been so since then, as far as the brokers answered without a pause. */
  lastsMs(since: number): number {
    return Math.max(0, this.#answeredAt - Math.max(since, this.#answeringSince));
  }
}
