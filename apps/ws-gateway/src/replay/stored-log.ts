import type { ResumeRepository } from '@chat/database';
import type { HealthCheck, Service } from '@chat/service-kit';

export interface StoredLogOptions {
  readonly rows: Pick<ResumeRepository, 'listStoredPositions'>;
  /** The log's end when reading it began, which is after this has started. */
  readonly endAtStart: (partition: number) => number;
}

/**
 * Whether the rows belong to the log that is read here: nothing can have been stored that the log did not have a moment
 * later. Else the topic was made anew, and what a resume found among the rows would be of another log (DESIGN §5.3).
 */
export class StoredLog implements Service {
  readonly name = 'stored positions';
  readonly #options: StoredLogOptions;
  #storedUpTo: ReadonlyMap<number, number> = new Map();

  constructor(options: StoredLogOptions) {
    this.#options = options;
  }

  /** Before the log's end is asked for. */
  async start(): Promise<void> {
    const positions = await this.#options.rows.listStoredPositions();
    this.#storedUpTo = new Map(positions.map(({ partition, storedUpTo }) => [partition, storedUpTo]));
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  check(): HealthCheck {
    return {
      name: this.name,
      check: () => {
        for (const [partition, storedUpTo] of this.#storedUpTo) {
          const end = this.#options.endAtStart(partition);
          if (storedUpTo > end) {
            throw new Error(`the rows go up to ${storedUpTo} of chat-messages/${partition}, whose log ended at ${end}`);
          }
        }
      },
    };
  }
}
