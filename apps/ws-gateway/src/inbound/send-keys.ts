import type { RoomId } from '@chat/dto';
import { clientKeyOf } from '@chat/kafka-contracts';
import { ChatError } from '@chat/service-kit';
import type { Outcome } from '../broker/outcome.ts';
import type { ClientKey, FirstMessage } from '../broker/recent-messages.ts';
import type { PendingSend, PendingSends } from '../broker/pending-sends.ts';

/** A SEND with a client-message-id. */
export interface KeyedSend extends ClientKey {
  /** Of what it says: anything else under the same key is refused. */
  readonly digest: number;
  /** Whether the client may have sent it before and wants to know for certain. */
  readonly isResend: boolean;
}

/** What the rows say of a key. */
export interface StoredKey {
  /** The message under the key, where one is stored. */
  readonly first: FirstMessage | null;
  /** Everything below this offset of the room's partition is stored. */
  readonly storedUpTo: number;
}

export interface SendKeysOptions {
  /** The first message under a key that the log's last records remember. */
  readonly findRecent: (key: ClientKey) => FirstMessage | undefined;
  /** Asks the database; rejects with a ChatError while it does not answer. */
  readonly findStored: (key: KeyedSend) => Promise<StoredKey>;
  /** The first offset of the room's partition that `findRecent` covers. */
  readonly rememberedFrom: (roomId: RoomId) => number;
  readonly pending: PendingSends;
  /** Whether `findRecent` knows every record of the room within the window: else only the log can tell what repeats. */
  readonly remembersAll: (roomId: RoomId) => boolean;
  /** Whether records of the room pass here. */
  readonly isCovered: (roomId: RoomId) => boolean;
  /** Null where they do; resolves once they do, rejects with UNAVAILABLE. Whoever asks waits for it. */
  readonly whenCovered: (roomId: RoomId) => Promise<void> | null;
}

/**
 * One message a client key, however often it is sent (DESIGN §3.2, §5.2). A key is looked for among the last records of the
 * log, among the SENDs under way, and for a resend also among the rows. A resend is answered for certain or not at all.
 */
export class SendKeys {
  readonly #options: SendKeysOptions;

  constructor(options: SendKeysOptions) {
    this.#options = options;
  }

  /** Whether memory knows a SEND under the key. */
  isKnown(key: KeyedSend): boolean {
    return this.#findRecent(key) !== undefined || this.#findPending(key) !== undefined;
  }

  /** Whether there is something to wait for. */
  mustLookUp(key: KeyedSend | null): key is KeyedSend {
    return key !== null && (this.#isForRows(key) || !this.#options.isCovered(key.roomId));
  }

  /** What the rows say, where they are needed; rejects with UNKNOWN while the database does not answer. */
  async lookUp(key: KeyedSend | null): Promise<StoredKey | null> {
    if (key === null) return null;
    await this.#options.whenCovered(key.roomId);
    if (!this.#isForRows(key)) return null;
    try {
      return await this.#options.findStored(key);
    } catch (error) {
      throw new ChatError('UNKNOWN', { cause: error });
    }
  }

  /** The outcome of an earlier SEND under the key, if there was one. Throws IDEMPOTENCY_CONFLICT or UNKNOWN. */
  findEarlier(key: KeyedSend, stored: StoredKey | null): Promise<Outcome> | Outcome | undefined {
    const recent = this.#findRecent(key);
    if (recent !== undefined && (recent.isCertain || !key.isResend)) return answer(recent, key);
    if (stored !== null && stored.first !== null) return answer(stored.first, key);
    const pending = this.#findPending(key);
    if (pending !== undefined) return key.isResend ? this.#readBack(key) : likePending(pending, key);
    if (key.isResend && !this.#isCovered(key, stored)) throw new ChatError('UNKNOWN');
    return recent === undefined ? undefined : answer(recent, key); // the rows know none before it
  }

  /** The SEND was handed over to the publisher. */
  published(key: KeyedSend, messageId: string, acknowledged: Promise<unknown>): void {
    const message = { messageId, digest: key.digest, isCertain: true };
    this.#options.pending.add(clientKey(key), key.roomId, message, acknowledged);
  }

  /** Kafka has acknowledged. A resend waits until the log has shown who was first. */
  outcomeOf(key: KeyedSend, messageId: string): Promise<Outcome> | Outcome {
    const isToReadBack = key.isResend || !this.#options.remembersAll(key.roomId);
    if (isToReadBack && this.#findPending(key) !== undefined) return this.#readBack(key);
    return answer(this.#findRecent(key) ?? { messageId, digest: key.digest, isCertain: true }, key);
  }

  async #readBack(key: KeyedSend): Promise<Outcome> {
    const pending = this.#findPending(key);
    if (pending === undefined) throw new ChatError('UNKNOWN');
    // the race only makes a failed acknowledgement the outcome
    const first = await Promise.race([pending.readBack, pending.acknowledged.then(() => pending.readBack)]);
    return answer(first, key);
  }

  /** Whether only the rows can tell. */
  #isForRows(key: KeyedSend): boolean {
    if (!key.isResend || this.#findPending(key) !== undefined) return false;
    return this.#findRecent(key)?.isCertain !== true;
  }

  /** Whether rows and memory together know every record up to now: none lies between the two. */
  #isCovered({ roomId }: KeyedSend, stored: StoredKey | null): boolean {
    return stored !== null && stored.storedUpTo >= this.#options.rememberedFrom(roomId);
  }

  #findRecent(key: KeyedSend): FirstMessage | undefined {
    return this.#options.findRecent(key);
  }

  #findPending(key: KeyedSend) {
    return this.#options.pending.find(clientKey(key));
  }
}

function clientKey({ senderId, roomId, clientMessageId }: ClientKey): string {
  return clientKeyOf(senderId, roomId, clientMessageId);
}

/** A conflict is told at once, so that a transaction is not published around it. */
function likePending({ message, acknowledged }: PendingSend, key: KeyedSend): Promise<Outcome> {
  const outcome = answer(message, key);
  return acknowledged.then(() => outcome);
}

function answer({ messageId, digest }: FirstMessage, key: KeyedSend): Outcome {
  if (digest !== null && digest !== key.digest) throw new ChatError('IDEMPOTENCY_CONFLICT');
  return { 'message-id': messageId };
}
