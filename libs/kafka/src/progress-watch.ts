interface Sighting {
  readonly position: number;
  readonly since: number;
}

/** Of the time that a partition may stand still: who has not looked for so long stood still himself. */
const LOOKS_APART_SHARE = 0.75;

/**
 * Finds partitions that stand still although there is something to read. Fed with what was seen at each look; whoever
 * pauses on purpose, or could not ask the brokers, says so and starts anew. Pure: time is passed in, in ms.
 */
export class ProgressWatch {
  readonly #stuckAfterMs: number;
  readonly #sightings = new Map<string, Sighting>();
  #lookedAt = -Infinity;

  constructor(stuckAfterMs: number) {
    this.#stuckAfterMs = stuckAfterMs;
  }

  /** A look begins. After a freeze of this process nothing is known: what was to be fetched meanwhile comes only now. */
  beginLook(now: number): void {
    if (now - this.#lookedAt > this.#stuckAfterMs * LOOKS_APART_SHARE) this.forgetAll();
    this.#lookedAt = now;
  }

  /** Whether the partition has stood at this position, below the log's end, for too long. */
  isStuck(partition: string, position: number, end: number, now: number): boolean {
    const last = this.#sightings.get(partition);
    if (position >= end) {
      this.#sightings.delete(partition);
      return false;
    }
    if (last === undefined || last.position !== position) {
      this.#sightings.set(partition, { position, since: now });
      return false;
    }
    return now - last.since >= this.#stuckAfterMs;
  }

  /** The partition is not expected to move for now. */
  forget(partition: string): void {
    this.#sightings.delete(partition);
  }

  forgetAll(): void {
    this.#sightings.clear();
  }
}
