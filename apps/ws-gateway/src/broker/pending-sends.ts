import type { FirstMessage } from './recent-messages.ts';

/** A SEND under a client key that is on its way into the log and back. */
export interface PendingSend {
  readonly message: FirstMessage;
  /** Resolves when Kafka has acknowledged. */
  readonly acknowledged: Promise<unknown>;
  /** Resolves to the first message under the key once this instance has read one back. */
  readonly readBack: Promise<FirstMessage>;
}

interface Entry extends PendingSend {
  readonly settle: (first: FirstMessage) => void;
}

/**
 * SENDs with a client key between hand-over and the moment when this instance has read them back and remembers the key by
 * the log. There are never more than the publisher has queued and the reader has still to read.
 */
export class PendingSends {
  readonly #byKey = new Map<string, Entry>();

  get count(): number {
    return this.#byKey.size;
  }

  find(clientKey: string): PendingSend | undefined {
    return this.#byKey.get(clientKey);
  }

  /** Kept until the log has shown the key, or until the SEND failed. */
  add(clientKey: string, message: FirstMessage, acknowledged: Promise<unknown>): void {
    const readBack = Promise.withResolvers<FirstMessage>();
    const entry: Entry = { message, acknowledged, readBack: readBack.promise, settle: readBack.resolve };
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

  #remove(clientKey: string, entry: Entry): void {
    if (this.#byKey.get(clientKey) === entry) this.#byKey.delete(clientKey);
  }
}
