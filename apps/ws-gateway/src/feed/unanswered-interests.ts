interface Told {
  readonly version: number;
  readonly at: number;
  /** When the eldest was told that this one stands for. */
  readonly since: number;
}

/** The interests of a partition that its router was told and has not answered yet, and when. Instants in ms. */
export class UnansweredInterests {
  /** The eldest first. */
  #told: Told[] = [];
  #attachment = 0;
  #againCount = 0;

  /** When the eldest of them was told; Infinity where all are answered. */
  get eldestAt(): number {
    return this.#told[0]?.at ?? Infinity;
  }

  /** Since when something is not answered, however often it was told again; Infinity where all is. */
  get since(): number {
    return this.#told[0]?.since ?? Infinity;
  }

  /** Whether one of them tells all that is held. */
  get hasAttachment(): boolean {
    return this.#attachment > 0;
  }

  /** How often all was told again since the last answer. */
  get againCount(): number {
    return this.#againCount;
  }

  /** All that is held: it takes the place of everything before it. */
  attached(version: number, at: number): void {
    this.#told = [{ version, at, since: Math.min(at, this.since) }];
    this.#againCount = this.hasAttachment ? this.#againCount + 1 : 0;
    this.#attachment = version;
  }

  /** What is different from the one before. */
  told(version: number, at: number): void {
    this.#told.push({ version, at, since: at });
  }

  /** An answer to an interest is one to all before it. */
  answered(version: number): void {
    const firstAfter = this.#told.findIndex((each) => each.version > version);
    this.#told.splice(0, firstAfter < 0 ? this.#told.length : firstAfter);
    this.#againCount = 0;
    if (this.#attachment <= version) this.#attachment = 0;
  }
}
