import type { Health } from './health.ts';
import type { ServiceGroup } from './lifecycle.ts';
import type { Logger } from './logger.ts';

/** From SIGTERM to exit at most, in ms; orchestrators grant 30 s. */
const EXIT_DEADLINE_MS = 24_000;
/** From a fatal error to exit at most, in ms: long enough to tell clients, short enough to be replaced. */
const FATAL_EXIT_DEADLINE_MS = 6_000;

export interface AppRunOptions {
  readonly health: Health;
  readonly logger: Logger;
  readonly exit: (status: number) => void;
}

/**
 * One process from its start to its exit. It ends once, by the first order to; whatever happens then, it is gone by the
 * deadline. The status is 1 after any fatal error, and where a service has not stopped in time.
 */
export class AppRun {
  readonly #options: AppRunOptions;
  #group: ServiceGroup | null = null;
  #isEnding = false;
  #status = 0;

  constructor(options: AppRunOptions) {
    this.#options = options;
  }

  /** Starts the services and takes work, unless it is told to end meanwhile. */
  async begin(group: ServiceGroup): Promise<void> {
    const { health, logger } = this.#options;
    this.#group = group;
    try {
      await group.start();
    } catch (error) {
      if (this.#isEnding) logger.info({ err: error }, 'the start was broken off');
      else this.fail('the start failed', error);
    }
    if (this.#isEnding) return;
    health.markServing();
    logger.info('ready');
  }

  /** Stops in order. Told so again, it goes on as before: whoever cannot wait has SIGKILL. */
  readonly end = (signal: 'SIGTERM' | 'SIGINT'): void => {
    const { logger } = this.#options;
    if (this.#isEnding) {
      logger.warn({ signal, unstopped: this.#unstopped }, 'stopping already');
      return;
    }
    logger.info({ signal }, 'stopping');
    void this.#stopAndExit(EXIT_DEADLINE_MS);
  };

  /** Ends the process with a reason; one that is ending already only ends with another status. */
  readonly fail = (reason: string, error?: unknown): void => {
    this.#options.logger.fatal({ err: error, reason }, 'the app cannot go on');
    this.#status = 1;
    if (!this.#isEnding) void this.#stopAndExit(FATAL_EXIT_DEADLINE_MS);
  };

  /** Whether it ends, or will end, for a fatal error: then there is no time for anything but telling clients. */
  get hasFailed(): boolean {
    return this.#status !== 0;
  }

  get #unstopped(): readonly string[] {
    return this.#group?.unstopped ?? [];
  }

  async #stopAndExit(deadlineMs: number): Promise<void> {
    this.#isEnding = true;
    const { health, logger, exit } = this.#options;
    health.markDraining();
    await this.#group?.stop(deadlineMs);
    const unstopped = this.#unstopped;
    if (unstopped.length > 0) logger.error({ unstopped }, 'services had not stopped in time');
    exit(unstopped.length > 0 ? 1 : this.#status);
  }
}
