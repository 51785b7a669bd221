import type { OrderedPublisher } from '@chat/kafka';
import { instantOf, type Clock } from '@chat/service-kit';

export interface ProgressPublisherOptions {
  readonly publisher: Pick<OrderedPublisher, 'publish'>;
  readonly clock: Clock;
  /** Name of this instance in the records. */
  readonly source: string;
}

/** Tells the gateways up to where a partition of chat-messages is stored: PERSISTED of a message is a position beyond it. */
export class ProgressPublisher {
  readonly #options: ProgressPublisherOptions;

  constructor(options: ProgressPublisherOptions) {
    this.#options = options;
  }

  async publish(position: { epoch: number; partition: number; next: number }): Promise<void> {
    const { publisher, clock, source } = this.#options;
    const { epoch, partition, next } = position;
    const at = instantOf(clock.now());
    const id = `progress-${epoch}-${partition}-${next}`;
    await publisher.publish('persister-progress', partition, { epoch, partition, next, at }, { id, source, time: at });
  }
}
