import type { Service } from '@chat/service-kit';

export interface OpenEpochOptions {
  /** As message-persister told last; 0 where it told nothing. */
  readonly told: () => number;
  /** As the database has it; 0 before the first log was opened. */
  readonly ask: () => Promise<number>;
}

/**
 * Number of the log that is open. This instance reads one log for as long as it lives, so it is asked for once, at the start:
 * then it is known while Postgres is away. Where there was no log by then, the persister's word comes first.
 */
export class OpenEpoch implements Service {
  readonly name = 'open epoch';
  readonly #options: OpenEpochOptions;
  #epoch = 0;

  constructor(options: OpenEpochOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#epoch = await this.#options.ask();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** 0 before the first. Rejects where it is not known and the database does not answer. */
  async find(): Promise<number> {
    if (this.#epoch === 0) this.#epoch = this.#options.told();
    if (this.#epoch === 0) this.#epoch = await this.#options.ask();
    return this.#epoch;
  }
}
