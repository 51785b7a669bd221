import type { SentMessageKey, SentMessageRepository } from '@chat/database';
import type { MessageId, RoomId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { STORED_LOOK_MS, STORED_LOOKS } from '../limits.ts';
import { loadTogether } from '../membership/load-together.ts';

export interface StoredSendsOptions {
  readonly rows: Pick<SentMessageRepository, 'findStoredIds'>;
  /** Resolves when more of the room's log is told to be stored, or after so many ms. */
  readonly storedMore: (roomId: RoomId, maxMs: number) => Promise<void>;
  /** Unix ms. */
  readonly now: () => number;
}

/** When SENDs of `receipt-level: persisted` may have their RECEIPT: once the rows have their messages. */
export class StoredSends {
  readonly #options: StoredSendsOptions;
  readonly #find: (key: SentMessageKey) => Promise<MessageId | undefined>;

  constructor(options: StoredSendsOptions) {
    this.#options = options;
    this.#find = loadTogether((keys) => options.rows.findStoredIds(keys), STORED_LOOKS);
  }

  /** The id that the message, which is in the log, is stored under: another one's where that has its name. Rejects with UNKNOWN when it is due. */
  async whenStored(key: SentMessageKey, dueAt: number): Promise<MessageId> {
    const { storedMore, now } = this.#options;
    for (let leftMs = dueAt - now(); leftMs > 0; leftMs = dueAt - now()) {
      await storedMore(key.roomId, Math.min(leftMs, STORED_LOOK_MS));
      const id = await this.#look(key);
      if (id !== undefined) return id;
    }
    throw new ChatError('UNKNOWN', { message: sentenceOf(key) });
  }

  /** Undefined also while the database does not answer. */
  async #look(key: SentMessageKey): Promise<MessageId | undefined> {
    try {
      return await this.#find(key);
    } catch (error) {
      if (error instanceof ChatError && error.retryable) return undefined;
      throw error;
    }
  }
}

function sentenceOf({ messageId, clientMessageId }: SentMessageKey): string {
  const what = `The message is in the log, as ${messageId}, but was not stored in time;`;
  return clientMessageId === null
    ? `${what} without a client-message-id, sending it again would make a second one.`
    : `${what} sent again with the same client-message-id, it is answered once it is.`;
}
