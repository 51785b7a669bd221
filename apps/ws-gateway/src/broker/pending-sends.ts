import type { RoomId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { FirstMessage } from './recent-messages.ts';

/** A SEND under a client key that is on its way into the log and back. */
export interface PendingSend {
  readonly message: FirstMessage;
  /** Resolves when Kafka has acknowledged. */
  readonly acknowledged: Promise<unknown>;
  /** Resolves to the first message under the key once this instance has read one back; rejects with UNKNOWN where it never will. */
  readonly readBack: Promise<FirstMessage>;
}

interface Entry extends PendingSend {
  readonly roomId: RoomId;
  readonly settle: (first: FirstMessage) => void;
  readonly giveUp: (reason: ChatError) => void;
}

/**
 * SENDs with a client key between hand-over and the moment when this instance has read them back and remembers the key by
 * the log, or reads their room no longer. There are never more than the publisher has queued and the reader has still to read.
 */
export class PendingSends {
  readonly #byKey = new Map<string, Entry>();

  get count(): number {
    return this.#byKey.size;
  }

  find(clientKey: string): PendingSend | undefined {
    return this.#byKey.get(clientKey);
  }

  /** Kept until the log has shown the key, until its room passes here no longer, or until the SEND failed. */
  add(clientKey: string, roomId: RoomId, message: FirstMessage, acknowledged: Promise<unknown>): void {
    const { promise: readBack, resolve: settle, reject: giveUp } = Promise.withResolvers<FirstMessage>();
    readBack.catch(() => {}); // also where nobody waits for it
    const entry: Entry = { roomId, message, acknowledged, readBack, settle, giveUp };
    this.#byKey.set(clientKey, entry);
    acknowledged.catch(() => this.#remove(clientKey, entry)); // it may be in the log all the same: then that tells
  }

  /** The log has shown which message is the first under the key. */
  settle(clientKey: string, first: FirstMessage): void {
    const entry = this.#byKey.get(clientKey);
    if (entry === undefined) return;
    entry.settle(first);
    this.#remove(clientKey, entry);
  }

  /** Of these rooms this instance reads nothing from here on. */
  forget(roomIds: ReadonlySet<RoomId>): void {
    for (const [clientKey, entry] of this.#byKey) {
      if (!roomIds.has(entry.roomId)) continue;
      this.#byKey.delete(clientKey);
      entry.giveUp(new ChatError('UNKNOWN'));
    }
  }

  #remove(clientKey: string, entry: Entry): void {
    if (this.#byKey.get(clientKey) === entry) this.#byKey.delete(clientKey);
  }
}
