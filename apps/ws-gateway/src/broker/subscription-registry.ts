import type { RoomId } from '@chat/dto';
import type { Subscription } from './requests.ts';
import type { SubscribeDestination } from './destinations.ts';
import type { LiveSession } from './live-session.ts';
import { SubscriberGroups } from './subscriber-groups.ts';

/** Who on this instance listens to what that is shared: rooms, their presence, who types there, commands for all. */
export class SubscriptionRegistry {
  readonly #rooms = new Map<RoomId, SubscriberGroups>();
  readonly #presence = new Map<RoomId, SubscriberGroups>();
  readonly #typing = new Map<RoomId, SubscriberGroups>();
  readonly #commands = new SubscriberGroups();

  add(session: LiveSession, subscription: Subscription): void {
    this.#groupsFor(subscription.target)?.add(session, subscription);
  }

  /** False where it was not there. */
  remove(session: LiveSession, subscription: Subscription): boolean {
    const { target } = subscription;
    const removed = this.#groupsFor(target)?.remove(session, subscription) === true;
    if (target.kind === 'room') dropIfEmpty(this.#rooms, target.roomId);
    if (target.kind === 'presence') dropIfEmpty(this.#presence, target.roomId);
    if (target.kind === 'typing') dropIfEmpty(this.#typing, target.roomId);
    return removed;
  }

  /** Undefined while nobody here listens. */
  ofRoom(roomId: RoomId): SubscriberGroups | undefined {
    return this.#rooms.get(roomId);
  }

  ofPresence(roomId: RoomId): SubscriberGroups | undefined {
    return this.#presence.get(roomId);
  }

  ofTyping(roomId: RoomId): SubscriberGroups | undefined {
    return this.#typing.get(roomId);
  }

  get ofCommands(): SubscriberGroups {
    return this.#commands;
  }

  #groupsFor(target: SubscribeDestination): SubscriberGroups | undefined {
    switch (target.kind) {
      case 'room':
        return madeFor(this.#rooms, target.roomId);
      case 'presence':
        return madeFor(this.#presence, target.roomId);
      case 'typing':
        return madeFor(this.#typing, target.roomId);
      case 'commands':
        return this.#commands;
      default:
        return undefined; // a destination of the session's own
    }
  }
}

function madeFor(groups: Map<RoomId, SubscriberGroups>, roomId: RoomId): SubscriberGroups {
  const known = groups.get(roomId);
  if (known !== undefined) return known;
  const made = new SubscriberGroups();
  groups.set(roomId, made);
  return made;
}

function dropIfEmpty(groups: Map<RoomId, SubscriberGroups>, roomId: RoomId): void {
  if (groups.get(roomId)?.isEmpty === true) groups.delete(roomId);
}
