import type { OrderedPublisher } from '@chat/kafka';
import type { Logger } from '@chat/service-kit';
import type { PersisterMetrics } from './metrics.ts';
import type { RefusedRecord } from './persist-batch.ts';

export interface DeadLettersOptions {
  readonly publisher: Pick<OrderedPublisher, 'publishDeadLetter'>;
  readonly metrics: PersisterMetrics;
  readonly logger: Logger;
}

/** Sets records that do not count aside, in chat-messages.dlq with the reason and where they lay. */
export class DeadLetters {
  readonly #options: DeadLettersOptions;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  /** Resolves once all of them are acknowledged, so that the position may move beyond them; rejects as `publish` does. */
  async setAside(partition: number, refused: readonly RefusedRecord[]): Promise<void> {
    const { publisher, metrics, logger } = this.#options;
    await Promise.all(
      refused.map(async ({ record, reason }) => {
        const source = { topic: 'chat-messages', partition, offset: record.offset, record } as const;
        await publisher.publishDeadLetter(source, reason);
        metrics.deadLetters.inc();
        logger.warn({ partition, offset: record.offset, reason }, 'a record was set aside');
      }),
    );
  }
}
