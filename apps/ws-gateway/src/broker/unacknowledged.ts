/** The ack modes of a SUBSCRIBE in which messages await ACK: `client` answers for all up to it, `client-individual` for one. */
export type ClientAckMode = 'client' | 'client-individual';

/** The messages of one subscription in a client mode that await ACK or NACK, in the order of their delivery; bounded. */
export class Unacknowledged {
  readonly #mode: ClientAckMode;
  readonly #max: number;
  /** Offsets in the room's log by message id. */
  readonly #offsets = new Map<string, number>();
  #refusedFrom = Infinity;

  constructor(mode: ClientAckMode, max: number) {
    this.#mode = mode;
    this.#max = max;
  }

  /** Messages that may await ACK. */
  get max(): number {
    return this.#max;
  }

  get count(): number {
    return this.#offsets.size;
  }

  /**
   * The lowest offset of a message that was delivered and is not acknowledged, or was refused; Infinity where there is none.
   * Everything delivered before it is the client's.
   */
  get acknowledgedBefore(): number {
    const [awaited = Infinity] = this.#offsets.values();
    return Math.min(awaited, this.#refusedFrom);
  }

  /** A message was delivered, from this offset of its room's log; false where it is one too many. */
  add(messageId: string, offset: number): boolean {
    this.#offsets.set(messageId, offset);
    return this.#offsets.size <= this.#max;
  }

  /** ACK or NACK of a message; in `client` mode of all that were delivered before it as well. Unknown ones do nothing. */
  settle(messageId: string, { isRefused }: { readonly isRefused: boolean }): void {
    if (!this.#offsets.has(messageId)) return;
    for (const each of this.#mode === 'client' ? this.#offsets.keys() : [messageId]) {
      if (isRefused) this.#refusedFrom = Math.min(this.#refusedFrom, this.#offsets.get(each) ?? Infinity);
      this.#offsets.delete(each);
      if (each === messageId) return;
    }
  }
}
