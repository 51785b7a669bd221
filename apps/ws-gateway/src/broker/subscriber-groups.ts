import { prepareRecipient, type PreparedRecipient, type StompVersion } from '@chat/stomp';
import type { Subscription } from './requests.ts';
import type { LiveSession } from './live-session.ts';

/** Subscribers whose MESSAGEs are equal to the byte: same version, same subscription id, ACK expected or not. */
export interface SubscriberGroup {
  readonly version: StompVersion;
  readonly subscriptionId: string | null;
  readonly awaitsAck: boolean;
  /** Whom a MESSAGE says nothing of an ACK. */
  readonly recipient: PreparedRecipient;
  readonly members: Map<Subscription, LiveSession>;
}

/** The subscribers of one destination on this instance, grouped so that each distinct frame is built once. */
export class SubscriberGroups {
  readonly #groups = new Map<string, SubscriberGroup>();

  add(session: LiveSession, subscription: Subscription): void {
    const key = keyOf(session, subscription);
    const group = this.#groups.get(key);
    if (group !== undefined) group.members.set(subscription, session);
    else {
      const [version, subscriptionId] = [session.version, subscription.headerId];
      this.#groups.set(key, {
        version,
        subscriptionId,
        awaitsAck: subscription.unacknowledged !== null,
        recipient: prepareRecipient({ version, subscriptionId, ackId: null }),
        members: new Map([[subscription, session]]),
      });
    }
  }

  /** False where it was not there. */
  remove(session: LiveSession, subscription: Subscription): boolean {
    const key = keyOf(session, subscription);
    const group = this.#groups.get(key);
    if (group?.members.delete(subscription) !== true) return false;
    if (group.members.size === 0) this.#groups.delete(key);
    return true;
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  groups(): Iterable<SubscriberGroup> {
    return this.#groups.values();
  }
}

function keyOf({ version }: LiveSession, { headerId, unacknowledged }: Subscription): string {
  const mode = unacknowledged === null ? version : `${version} ack`;
  return headerId === null ? mode : `${mode}:${headerId}`;
}
