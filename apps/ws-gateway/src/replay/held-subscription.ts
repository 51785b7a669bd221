import type { ChatError } from '@chat/service-kit';
import { weightOf, type RoomMessage } from '../broker/room-message.ts';

/** How much may wait for a subscription that is not live yet. */
export interface HoldLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/** Why nothing waits any more: the subscription is gone, or more came than may wait. */
export type HoldEnd = 'cancelled' | 'overflowed';

/**
 * A subscription to a room between its SUBSCRIBE and the moment it is live: what passes in the log meanwhile waits here, in
 * order (DESIGN §5.3). A `since` that this instance had not read yet is seen passing; nothing up to it is for this client.
 */
export class HeldSubscription {
  readonly #since: string | null;
  readonly #limits: HoldLimits;
  readonly #sincePassed = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #waiting: RoomMessage[] = [];
  #waitingBytes = 0;
  /** How many had come when `since` was the last of them, and where it lies; null before that. */
  #countUpToSince: number | null = null;
  #sinceOffset: number | null = null;
  #end: HoldEnd | null = null;
  #refusal: ChatError | null = null;

  /** `since` is null where nothing has to pass. */
  constructor(since: string | null, limits: HoldLimits) {
    this.#since = since;
    this.#limits = limits;
  }

  get end(): HoldEnd | null {
    return this.#end;
  }

  /** Why the subscription was taken from the client; null where it was not. */
  get refusal(): ChatError | null {
    return this.#refusal;
  }

  /** Where `since` lies in the log of the room's partition; null before it has passed. */
  get sinceOffset(): number | null {
    return this.#sinceOffset;
  }

  /** Resolves when nothing waits any more. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Resolves when `since` has passed. */
  get sincePassed(): Promise<void> {
    return this.#sincePassed.promise;
  }

  /** The room's next message in the log. */
  take(message: RoomMessage): void {
    if (this.#end !== null) return;
    this.#waiting.push(message);
    this.#waitingBytes += weightOf(message);
    if (this.#countUpToSince === null && message.messageId === this.#since) this.#passSince(message.offset);
    const { maxMessages, maxBytes } = this.#limits;
    if (this.#waiting.length > maxMessages || this.#waitingBytes > maxBytes) this.#endAs('overflowed');
  }

  cancel(refusal: ChatError | null): void {
    if (this.#end !== null) return;
    this.#refusal = refusal;
    this.#endAs('cancelled');
  }

  /** What waits, which from now on is the caller's to deliver: all of it, or what came behind `since`. */
  release(part: 'all' | 'behind since'): readonly RoomMessage[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return part === 'all' ? waiting : waiting.slice(this.#countUpToSince ?? 0);
  }

  #passSince(offset: number): void {
    this.#sinceOffset = offset;
    this.#countUpToSince = this.#waiting.length;
    this.#sincePassed.resolve();
  }

  #endAs(end: HoldEnd): void {
    this.#end = end;
    this.#waiting = [];
    this.#ended.resolve();
  }
}
