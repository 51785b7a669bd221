interface Sighting {
  readonly position: number;
  readonly since: number;
}

/**
 * Finds partitions that stand still although there is something to read. Fed with what was seen at each look; whoever
 * pauses on purpose, or could not ask the brokers, says so and starts anew. Pure: time is passed in, in ms.
 */
export class ProgressWatch {
  readonly #stuckAfterMs: number;
  readonly #sightings = new Map<string, Sighting>();

  constructor(stuckAfterMs: number) {
    this.#stuckAfterMs = stuckAfterMs;
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
