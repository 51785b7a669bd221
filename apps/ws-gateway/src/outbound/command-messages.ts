import { revocationOf, type CommandDTO, type Revocation } from '@chat/dto';
import { decodeRecord, type RawRecord } from '@chat/kafka-contracts';
import type { Clock, Logger } from '@chat/service-kit';
import type { CommandDelivery } from '../commands/command-delivery.ts';

export interface CommandMessagesOptions {
  readonly delivery: Pick<CommandDelivery, 'take'>;
  readonly revoke: (revocation: Revocation) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `command-messages` → the sessions of their target; what revokes is for this instance itself. */
export class CommandMessagesConsumer {
  readonly #options: CommandMessagesOptions;

  constructor(options: CommandMessagesOptions) {
    this.#options = options;
  }

  consume(records: readonly RawRecord[]): void {
    for (const { value } of records) {
      const decoded = decodeRecord('command-messages', value);
      const reason = decoded.ok ? this.#take(decoded.value, value ?? new Uint8Array(0)) : decoded.reason;
      if (reason !== null) this.#options.logger.warn({ reason }, 'a record of command-messages was passed over');
    }
  }

  /** Null where it was taken, else why not. */
  #take(command: CommandDTO, body: Uint8Array): string | null {
    const { delivery, revoke, clock } = this.#options;
    const revocation = revocationOf(command, clock.now());
    if (typeof revocation === 'string') return revocation;
    if (revocation === null) return delivery.take(command, body) ? null : 'target: names nobody';
    revoke(revocation);
    return null;
  }
}
