import { decodeRecord, type RawRecord } from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import type { StoredPositions } from '../replay/stored-positions.ts';

export interface PersisterProgressOptions {
  readonly stored: StoredPositions;
  readonly logger: Logger;
}

/** `persister-progress` → who waits until a part of the log is stored. */
export class PersisterProgressConsumer {
  readonly #options: PersisterProgressOptions;

  constructor(options: PersisterProgressOptions) {
    this.#options = options;
  }

  consume(records: readonly RawRecord[]): void {
    const { stored, logger } = this.#options;
    for (const record of records) {
      const decoded = decodeRecord('persister-progress', record.value);
      if (decoded.ok) stored.note(decoded.value);
      else logger.warn({ reason: decoded.reason }, 'a record of persister-progress was passed over');
    }
  }
}
