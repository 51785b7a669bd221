import { problemOfTopic, type LogEpoch, type LogEpochRepository, type LogTopic } from '@chat/database';
import type { Fail } from '@chat/kafka';
import type { HealthCheck, Logger, Service } from '@chat/service-kit';

/** How often it is looked at whether the epoch is still the open one, in ms. */
export const WATCH_EVERY_MS = 10_000;

export interface OpenLogOptions {
  readonly epochs: Pick<LogEpochRepository, 'openFirst' | 'findOpen'>;
  /** The topic as the cluster has it, once its catalog has started. */
  readonly topic: () => LogTopic;
  readonly fail: Fail;
  readonly logger: Logger;
}

/**
 * The log that rows and positions belong to. Its topic is stored at the very first start; with another partition count every
 * room may lie on another partition, so nothing is read then, and the app is not ready and says why. Once an operator has
 * opened the next epoch, the process ends, to begin anew with that one.
 */
export class OpenLog implements Service {
  readonly name = 'log epoch';
  readonly #options: OpenLogOptions;
  #open: LogEpoch | null = null;
  #problem: string | null = null;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: OpenLogOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { epochs, topic, logger } = this.#options;
    this.#open = await epochs.openFirst(topic());
    this.#problem = problemOfTopic(this.#open, topic());
    if (this.#problem !== null) {
      logger.error({ problem: this.#problem }, 'the log is not the one that the rows belong to');
    }
    this.#watch = setInterval(() => void this.#look(), WATCH_EVERY_MS);
  }

  stop(): Promise<void> {
    clearInterval(this.#watch);
    return Promise.resolve();
  }

  /** Whether the log may be read. */
  get isUsable(): boolean {
    return this.#open !== null && this.#problem === null;
  }

  /** The number of the epoch. Throws before `start` has finished. */
  get epoch(): number {
    return this.#known.epoch;
  }

  /** How many partitions the log has by its epoch. Throws before `start` has finished. */
  get partitionCount(): number {
    return this.#known.topic.partitionCount;
  }

  check(): HealthCheck {
    return {
      name: 'log epoch',
      check: () => {
        if (this.#problem !== null) throw new Error(this.#problem);
      },
    };
  }

  get #known(): LogEpoch {
    if (this.#open === null) throw new Error('the log epoch is not known yet');
    return this.#open;
  }

  async #look(): Promise<void> {
    const { epochs, fail, logger } = this.#options;
    try {
      const open = await epochs.findOpen();
      if (open?.epoch !== this.epoch) fail(`log epoch ${this.epoch} was closed`);
    } catch (error) {
      logger.debug({ err: error }, 'the open log epoch could not be asked for'); // the check of Postgres says so
    }
  }
}
