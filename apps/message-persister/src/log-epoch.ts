import type { LogEpoch, PersistedMessageRepository } from '@chat/database';
import type { HealthCheck, Logger, Service } from '@chat/service-kit';

export interface OpenLogOptions {
  readonly messages: Pick<PersistedMessageRepository, 'openLogEpoch'>;
  /** The topic as the cluster has it, once its catalog has started. */
  readonly topic: () => { readonly name: string; readonly partitionCount: number };
  readonly logger: Logger;
}

/**
 * The log that rows and positions belong to. Its partition count is stored at the very first start; with another count every
 * room may lie on another partition, so nothing is read then, and the app is not ready and says why.
 */
export class OpenLog implements Service {
  readonly name = 'log epoch';
  readonly #options: OpenLogOptions;
  #epoch: LogEpoch | null = null;
  #problem: string | null = null;

  constructor(options: OpenLogOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { messages, topic, logger } = this.#options;
    const { name, partitionCount } = topic();
    this.#epoch = await messages.openLogEpoch(name, partitionCount);
    if (this.#epoch.partitionCount === partitionCount) return;
    this.#problem = `${name} has ${partitionCount} partitions; log epoch ${this.#epoch.epoch} was opened with ${this.#epoch.partitionCount}`;
    logger.error({ problem: this.#problem }, 'the log is not the one that the rows belong to');
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** Whether the log may be read. */
  get isUsable(): boolean {
    return this.#epoch !== null && this.#problem === null;
  }

  /** The number of the epoch. Throws before `start` has finished. */
  get epoch(): number {
    if (this.#epoch === null) throw new Error('the log epoch is not known yet');
    return this.#epoch.epoch;
  }

  check(): HealthCheck {
    return {
      name: 'log epoch',
      check: () => {
        if (this.#problem !== null) throw new Error(this.#problem);
      },
    };
  }
}
