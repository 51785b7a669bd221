import type { RawRecord, TopicName } from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import type { OrderedPublisher } from './ordered-publisher.ts';

/** A record that does not count, and why. */
export interface RefusedRecord {
  readonly record: RawRecord & { readonly offset: number };
  readonly reason: string;
}

export interface DeadLettersOptions {
  /** The topic that the records are read from. */
  readonly topic: TopicName;
  readonly publisher: Pick<OrderedPublisher, 'publishDeadLetter'>;
  /** Called once for every record that was set aside. */
  readonly onSetAside: () => void;
  readonly logger: Logger;
}

/** Sets the records of one topic that do not count aside, in its dead-letter topic, with the reason and where they lay. */
export class DeadLetters {
  readonly #options: DeadLettersOptions;

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  /** Resolves once all of them are acknowledged, so that the position may move beyond them; rejects as `publish` does. */
  async setAside(partition: number, refused: readonly RefusedRecord[]): Promise<void> {
    const { topic, publisher, onSetAside, logger } = this.#options;
    await Promise.all(
      refused.map(async ({ record, reason }) => {
        await publisher.publishDeadLetter({ topic, partition, offset: record.offset, record }, reason);
        onSetAside();
        logger.warn({ topic, partition, offset: record.offset, reason }, 'a record was set aside');
      }),
    );
  }
}
