/** The ack modes of a SUBSCRIBE in which messages await ACK: `client` answers for all up to it, `client-individual` for one. */
export type ClientAckMode = 'client' | 'client-individual';

/** The messages of one subscription in a client mode that await ACK or NACK, in the order of their delivery; bounded. */
export class Unacknowledged {
  readonly #mode: ClientAckMode;
  readonly #max: number;
  readonly #messageIds = new Set<string>();

  constructor(mode: ClientAckMode, max: number) {
    this.#mode = mode;
    this.#max = max;
  }

  /** Messages that may await ACK. */
  get max(): number {
    return this.#max;
  }

  get count(): number {
    return this.#messageIds.size;
  }

  /** A message was delivered; false where it is one too many. */
  add(messageId: string): boolean {
    this.#messageIds.add(messageId);
    return this.#messageIds.size <= this.#max;
  }

  /** ACK or NACK of a message; in `client` mode of all that were delivered before it as well. Unknown ones do nothing. */
  settle(messageId: string): void {
    if (!this.#messageIds.has(messageId)) return;
    if (this.#mode === 'client-individual') this.#messageIds.delete(messageId);
    else this.#settleUpTo(messageId);
  }

  #settleUpTo(messageId: string): void {
    for (const each of this.#messageIds) {
      this.#messageIds.delete(each);
      if (each === messageId) return;
    }
  }
}
