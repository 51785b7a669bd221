import type { RoomId } from '@chat/dto';
import type { ChatError } from '@chat/service-kit';
import type { Subscription } from '../broker/requests.ts';
import type { RoomMessage } from '../broker/room-message.ts';
import { HeldSubscription, type HoldLimits } from './held-subscription.ts';

/** The subscriptions to rooms that are not live yet. */
export class HeldSubscriptions {
  readonly #limits: HoldLimits;
  readonly #byRoom = new Map<RoomId, Map<Subscription, HeldSubscription>>();

  constructor(limits: HoldLimits) {
    this.#limits = limits;
  }

  /** From now on the room's messages wait for this subscription. */
  add(roomId: RoomId, subscription: Subscription, since: string | null): HeldSubscription {
    const hold = new HeldSubscription(since, this.#limits);
    const holds = this.#byRoom.get(roomId);
    if (holds === undefined) this.#byRoom.set(roomId, new Map([[subscription, hold]]));
    else holds.set(subscription, hold);
    return hold;
  }

  /** Whether anything waits for the room's messages. */
  has(roomId: RoomId): boolean {
    return this.#byRoom.has(roomId);
  }

  /** The next message of a room passed in the log; how many it was kept for. */
  take(message: RoomMessage): number {
    const holds = this.#byRoom.get(message.roomId);
    if (holds === undefined) return 0;
    for (const hold of holds.values()) hold.take(message);
    return holds.size;
  }

  /** Nothing waits for it any more: it is live, or it is gone, for a reason where it was taken away; that cancels what waits. */
  remove(roomId: RoomId, subscription: Subscription, refusal: ChatError | null = null): void {
    const holds = this.#byRoom.get(roomId);
    holds?.get(subscription)?.cancel(refusal);
    if (holds?.delete(subscription) === true && holds.size === 0) this.#byRoom.delete(roomId);
  }
}
