import { decodeRecord, type RawRecord } from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import type { CommandDelivery } from '../commands/command-delivery.ts';

export interface CommandMessagesOptions {
  readonly delivery: Pick<CommandDelivery, 'take'>;
  readonly logger: Logger;
}

/** `command-messages` → the sessions of their target. */
export class CommandMessagesConsumer {
  readonly #options: CommandMessagesOptions;

  constructor(options: CommandMessagesOptions) {
    this.#options = options;
  }

  consume(records: readonly RawRecord[]): void {
    const { delivery, logger } = this.#options;
    for (const { value } of records) {
      const decoded = decodeRecord('command-messages', value);
      const isTaken = decoded.ok && delivery.take(decoded.value, value ?? new Uint8Array(0));
      if (isTaken) continue;
      const reason = decoded.ok ? 'target: names nobody' : decoded.reason;
      logger.warn({ reason }, 'a record of command-messages was passed over');
    }
  }
}
