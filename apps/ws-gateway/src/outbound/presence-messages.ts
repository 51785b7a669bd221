import { decodeRecord, type RawRecord } from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import type { RoomPresence } from '../presence/room-presence.ts';

export interface PresenceMessagesOptions {
  readonly presence: Pick<RoomPresence, 'apply'>;
  readonly logger: Logger;
}

/** `presence-messages` → presence of the rooms here that the user belongs to. */
export class PresenceMessagesConsumer {
  readonly #options: PresenceMessagesOptions;

  constructor(options: PresenceMessagesOptions) {
    this.#options = options;
  }

  consume(records: readonly RawRecord[]): void {
    for (const record of records) {
      const decoded = decodeRecord('presence-messages', record.value);
      if (decoded.ok) this.#options.presence.apply(decoded.value);
      else this.#options.logger.warn({ reason: decoded.reason }, 'a record of presence-messages was passed over');
    }
  }
}
