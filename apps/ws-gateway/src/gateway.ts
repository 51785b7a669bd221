import type { Caller } from '@chat/auth';
import type { RoomId, UserId } from '@chat/dto';
import { withdrawalOf, type Dispatched, type Gateway, type OpenSession, type SessionEnd } from './broker/gateway.ts';
import type { SessionRegistry } from './broker/session-registry.ts';
import type { SubscriptionRegistry } from './broker/subscription-registry.ts';
import { DONE, type Outcome } from './broker/outcome.ts';
import type { MembershipIndex } from './membership/membership-index.ts';
import type { WatchedRooms } from './presence/watched-rooms.ts';
import type { SessionTabs } from './presence/session-tabs.ts';
import type { ClientSend, Subscription } from './broker/requests.ts';

export interface ChatGatewayOptions {
  readonly sessions: SessionRegistry<OpenSession>;
  readonly subscriptions: SubscriptionRegistry;
  readonly memberships: MembershipIndex;
  readonly watchedRooms: WatchedRooms;
  readonly tabs: SessionTabs;
  readonly authenticate: (token: string | undefined) => Promise<Caller>;
  readonly dispatch: (session: OpenSession, send: ClientSend) => Dispatched;
}

/** What the conversations of this instance share. */
export class ChatGateway implements Gateway {
  readonly #options: ChatGatewayOptions;

  constructor(options: ChatGatewayOptions) {
    this.#options = options;
  }

  authenticate(token: string | undefined): Promise<Caller> {
    return this.#options.authenticate(token);
  }

  abandon({ userId }: Caller): void {
    this.#options.memberships.leave(userId);
  }

  open(session: OpenSession): void {
    this.#options.sessions.add(session);
    this.#options.tabs.opened(session);
  }

  async subscribe(session: OpenSession, subscription: Subscription): Promise<Outcome> {
    const { memberships, subscriptions, tabs, watchedRooms } = this.#options;
    const { target } = subscription;
    if (target.kind === 'room' || target.kind === 'presence') await memberships.find(target.roomId, session.userId);
    if (target.kind === 'presence') {
      await watchedRooms.hold(target.roomId);
      if (memberships.peek(target.roomId, session.userId) === undefined) {
        watchedRooms.release(target.roomId);
        throw withdrawalOf(target.roomId, session.userId); // removed while the members were read
      }
    }
    subscriptions.add(session, subscription);
    if (target.kind === 'room') tabs.entered(session, target.roomId);
    return DONE;
  }

  unsubscribe(session: OpenSession, subscription: Subscription): void {
    this.#forget(session, subscription);
    if (subscription.target.kind === 'room') this.#options.tabs.unsubscribed(session, subscription.target.roomId);
  }

  dispatch(session: OpenSession, send: ClientSend): Dispatched {
    return this.#options.dispatch(session, send);
  }

  close(session: OpenSession, end: SessionEnd): void {
    const { sessions, memberships, tabs } = this.#options;
    sessions.remove(session);
    for (const subscription of session.subscriptions.values()) this.#forget(session, subscription);
    tabs.ended(session, end);
    memberships.leave(session.userId);
  }

  /** Takes a user's subscriptions to a room away, on every session here. */
  readonly withdrawFrom = (roomId: RoomId, userId: UserId): void => {
    for (const session of this.#options.sessions.of(userId)) {
      const concerned = [...session.subscriptions.values()].filter(
        ({ target }) => (target.kind === 'room' || target.kind === 'presence') && target.roomId === roomId,
      );
      for (const subscription of concerned) session.withdraw(subscription, withdrawalOf(roomId, userId));
    }
  };

  #forget(session: OpenSession, subscription: Subscription): void {
    const { subscriptions, watchedRooms } = this.#options;
    const wasLive = subscriptions.remove(session, subscription);
    if (wasLive && subscription.target.kind === 'presence') watchedRooms.release(subscription.target.roomId);
  }
}
