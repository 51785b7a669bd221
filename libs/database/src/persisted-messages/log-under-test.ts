import type { Repositories } from '../database.ts';
import type { NewMessageRow } from './persisted-message-repository.ts';

export type RecordUnderTest = Partial<NewMessageRow> & { readonly senderId: number };

/** One partition of a log, stored in batches: the id of each record is its offset and one more, and it is text unless said otherwise. */
export class LogUnderTest {
  readonly #stored: Repositories;
  next = 0;

  private constructor(stored: Repositories) {
    this.#stored = stored;
  }

  static async open(stored: Repositories): Promise<LogUnderTest> {
    await stored.logEpochs.openFirst({ name: 'chat-messages', partitionCount: 1 });
    await stored.persistedMessages.openPosition(1, 0, 0);
    return new LogUnderTest(stored);
  }

  /** All in one batch, in room 1 unless said otherwise; how many rows they became. */
  async store(...records: readonly RecordUnderTest[]): Promise<number | null> {
    const rows = records.map((record, at): NewMessageRow => {
      const offset = this.next + at;
      return {
        ...{ logOffset: offset, roomId: 1, id: offset + 1, content: `text ${offset}`, type: 'GROUP', kind: null },
        ...{ system: null, targetId: null, removed: false, sentAtMs: 0, eventId: `event ${offset}` },
        clientMessageId: `name ${offset}`,
        ...record,
        counts: record.kind === undefined,
      };
    });
    const expected = this.next;
    this.next += rows.length;
    return this.#stored.persistedMessages.saveBatch({
      ...{ epoch: 1, partition: 0, expected, next: this.next, last: null, rows },
    });
  }
}
