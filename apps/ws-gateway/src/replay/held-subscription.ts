import type { RoomMessage } from '../broker/room-message.ts';

/** How much may wait for a subscription that is not live yet. */
export interface HoldLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/** Why nothing waits any more: the subscription is gone, or more came than may wait. */
export type HoldEnd = 'cancelled' | 'overflowed';

/**
 * A subscription to a room between its SUBSCRIBE and the moment it is live: what passes in the log meanwhile waits here, in
 * order (DESIGN §5.3). A `since` that this instance has not read yet passes here too; nothing up to it is for this client.
 */
export class HeldSubscription {
  readonly #since: string | null;
  readonly #limits: HoldLimits;
  readonly #sincePassed = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #waiting: RoomMessage[] = [];
  #waitingBytes = 0;
  #end: HoldEnd | null = null;
  #hasPassed = false;

  /** `since` is null where nothing has to pass. */
  constructor(since: string | null, limits: HoldLimits) {
    this.#since = since;
    this.#limits = limits;
  }

  get end(): HoldEnd | null {
    return this.#end;
  }

  /** Resolves when nothing waits any more. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get hasSincePassed(): boolean {
    return this.#hasPassed;
  }

  /** Resolves when `since` has passed. */
  get sincePassed(): Promise<void> {
    return this.#sincePassed.promise;
  }

  /** The room's next message in the log. */
  take(message: RoomMessage): void {
    if (this.#end !== null) return;
    if (!this.#hasPassed && message.messageId === this.#since) return this.#passSince();
    this.#waiting.push(message);
    this.#waitingBytes += message.body.length;
    const { maxMessages, maxBytes } = this.#limits;
    if (this.#waiting.length > maxMessages || this.#waitingBytes > maxBytes) this.#endAs('overflowed');
  }

  cancel(): void {
    if (this.#end === null) this.#endAs('cancelled');
  }

  /** What waits, which from now on is the caller's to deliver. */
  release(): readonly RoomMessage[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return waiting;
  }

  #passSince(): void {
    this.#hasPassed = true;
    this.release(); // the client has these
    this.#sincePassed.resolve();
  }

  #endAs(end: HoldEnd): void {
    this.#end = end;
    this.release();
    this.#ended.resolve();
  }
}
