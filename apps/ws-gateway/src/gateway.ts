import type { Caller, Revocations } from '@chat/auth';
import type { RoomId, UserId } from '@chat/dto';
import type { ChatError } from '@chat/service-kit';
import { afterLookup, inOrder, refused, type Dispatched } from './broker/dispatched.ts';
import { withdrawalOf, type Gateway, type OpenSession, type SessionEnd } from './broker/gateway.ts';
import type { SessionRegistry } from './broker/session-registry.ts';
import type { UserQuotas } from './broker/user-quotas.ts';
import type { SubscriptionRegistry } from './broker/subscription-registry.ts';
import { DONE, type Outcome } from './broker/outcome.ts';
import type { CommandDelivery } from './commands/command-delivery.ts';
import type { Routes } from './inbound/routes.ts';
import { LOOKUP_DEADLINE_MS } from './limits.ts';
import type { CoveredRooms } from './membership/covered-rooms.ts';
import type { MembershipIndex } from './membership/membership-index.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { RoomNotifications } from './notifications/room-notifications.ts';
import type { RoomPresence } from './presence/room-presence.ts';
import type { SessionTabs } from './presence/session-tabs.ts';
import { isMessageSend, type ClientSend, type MessageSend, type Subscription } from './broker/requests.ts';
import type { RoomSubscriptions } from './replay/room-subscriptions.ts';
import type { MessageStories } from './stories/message-stories.ts';
import type { ReceiptsTeller } from './receipts/receipts-teller.ts';
import type { RoomTyping } from './typing/room-typing.ts';

export interface ChatGatewayOptions {
  readonly sessions: SessionRegistry<OpenSession>;
  readonly subscriptions: SubscriptionRegistry;
  readonly rooms: RoomSubscriptions;
  readonly covered: Pick<CoveredRooms, 'isMember' | 'findMember' | 'whenAllPass'>;
  readonly memberships: MembershipIndex;
  readonly presence: RoomPresence;
  readonly tabs: SessionTabs;
  readonly typing: RoomTyping;
  readonly notifications: Pick<RoomNotifications, 'subscribe' | 'unsubscribe' | 'left'>;
  readonly receipts: Pick<ReceiptsTeller, 'subscribe' | 'unsubscribe' | 'entered'>;
  readonly commands: Pick<CommandDelivery, 'subscribe'>;
  readonly quotas: UserQuotas;
  /** Told how each SEND of a message is answered. */
  readonly stories: Pick<MessageStories, 'answered'>;
  readonly metrics: Pick<GatewayMetrics, 'limitedSends'>;
  readonly revocations: Pick<Revocations, 'refusalOf'>;
  readonly authenticate: (token: string | undefined) => Promise<Caller>;
  readonly routes: Pick<Routes, 'dispatch' | 'commit'>;
}

/** What the conversations of this instance share. */
export class ChatGateway implements Gateway {
  readonly #options: ChatGatewayOptions;
  /** Subscriptions whose membership is being looked up: what is heard of it meanwhile, the look-up takes into account. */
  readonly #lookingUp = new Set<Subscription>();

  constructor(options: ChatGatewayOptions) {
    this.#options = options;
  }

  authenticate(token: string | undefined): Promise<Caller> {
    return this.#options.authenticate(token);
  }

  abandon({ userId }: Caller): void {
    this.#leave(userId);
  }

  open(session: OpenSession): void {
    this.#options.sessions.add(session);
    this.#options.tabs.opened(session);
    const refusal = this.#options.revocations.refusalOf(session.caller);
    if (refusal !== null) session.fail(refusal); // revoked since the token was verified
  }

  subscribe(session: OpenSession, subscription: Subscription, dueAt: number): Dispatched {
    const { target } = subscription;
    switch (target.kind) {
      case 'room':
        return this.#subscribeToRoom(session, subscription, target.roomId, dueAt);
      case 'presence':
        return inOrder(this.#subscribeToPresence(session, subscription, target.roomId));
      case 'typing':
        return inOrder(this.#subscribeToTyping(session, subscription, target.roomId));
      case 'notifications':
        return inOrder(this.#subscribeToNotifications(session));
      case 'receipts':
        this.#options.receipts.subscribe(session, subscription, openRoomsOf(session));
        return inOrder(Promise.resolve(DONE));
      case 'commands':
      case 'user-commands':
        return { handedOver: null, outcome: this.#options.commands.subscribe(session, subscription) };
      default:
        this.#options.subscriptions.add(session, subscription);
        return inOrder(Promise.resolve(DONE));
    }
  }

  /** Frames behind it may pass a replay, but not a SUBSCRIBE that is live at once. */
  #subscribeToRoom(session: OpenSession, subscription: Subscription, roomId: RoomId, dueAt: number): Dispatched {
    const begin = () => this.#openRoom(session, subscription, roomId, dueAt);
    const { covered } = this.#options;
    if (!covered.isMember(roomId, session.userId)) {
      return afterLookup(this.#lookUp(subscription, covered.findMember(roomId, session.userId)), begin);
    }
    return subscription.replay.kind === 'none' ? inOrder(begin()) : { handedOver: null, outcome: begin() };
  }

  /** Until `#admit`, or this rejects. */
  #lookUp<Found>(subscription: Subscription, lookup: Promise<Found>): Promise<Found> {
    this.#lookingUp.add(subscription);
    lookup.catch(() => this.#lookingUp.delete(subscription));
    return lookup;
  }

  /** In the turn that makes it live: the cut of the room's log may have been read since the membership was looked up. */
  #admit({ userId }: OpenSession, subscription: Subscription, roomId: RoomId): void {
    this.#lookingUp.delete(subscription);
    if (this.#options.memberships.peek(roomId, userId) === undefined) throw withdrawalOf(roomId, userId); // or the session is gone
  }

  async #openRoom(session: OpenSession, subscription: Subscription, roomId: RoomId, dueAt: number): Promise<Outcome> {
    const { memberships, rooms, tabs, receipts } = this.#options;
    this.#admit(session, subscription, roomId);
    tabs.entered(session, roomId);
    const outcome = await rooms.open({ session, subscription, roomId, dueAt });
    if (memberships.peek(roomId, session.userId) !== undefined) {
      receipts.entered(session.userId, roomId);
      return outcome;
    }
    rooms.close(session, subscription, roomId); // removed, or gone, since the membership was looked up
    throw withdrawalOf(roomId, session.userId);
  }

  async #subscribeToPresence(session: OpenSession, subscription: Subscription, roomId: RoomId): Promise<Outcome> {
    const { memberships, presence } = this.#options;
    await this.#lookUp(subscription, memberships.find(roomId, session.userId));
    await this.#lookUp(subscription, presence.prepare(session, roomId));
    try {
      this.#admit(session, subscription, roomId);
    } catch (error) {
      presence.release(roomId);
      throw error;
    }
    await presence.open(session, subscription, roomId);
    return DONE;
  }

  async #subscribeToTyping(session: OpenSession, subscription: Subscription, roomId: RoomId): Promise<Outcome> {
    const { memberships, typing } = this.#options;
    await this.#lookUp(subscription, memberships.find(roomId, session.userId));
    this.#admit(session, subscription, roomId);
    typing.subscribe(session, subscription, roomId);
    return DONE;
  }

  /** Its RECEIPT says that news of all rooms are told, but of those that do not pass here in time. */
  async #subscribeToNotifications(session: OpenSession): Promise<Outcome> {
    const { covered, notifications } = this.#options;
    const passing = covered.whenAllPass(session.userId, LOOKUP_DEADLINE_MS);
    if (passing !== null) await passing;
    notifications.subscribe(session);
    return DONE;
  }

  hurry(session: OpenSession): void {
    for (const subscription of session.subscriptions.values()) {
      if (subscription.target.kind === 'room') this.#options.rooms.giveUp(subscription, subscription.target.roomId);
    }
  }

  unsubscribe(session: OpenSession, subscription: Subscription): void {
    this.#forget(session, subscription);
    if (subscription.target.kind !== 'room') return;
    this.#options.tabs.unsubscribed(session, subscription.target.roomId);
    this.#options.typing.left(session, subscription.target.roomId);
  }

  dispatch(session: OpenSession, send: ClientSend, dueAt: number): Dispatched {
    const { quotas, routes } = this.#options;
    const { userId } = session;
    const refusal = isMessageSend(send) ? quotas.takeMessages(userId, 1) : quotas.takeSends(userId, 1);
    this.#countLimited(refusal);
    return refusal === null ? routes.dispatch(session, send, dueAt) : refused(refusal);
  }

  commit(session: OpenSession, sends: readonly MessageSend[], dueAt: number): Dispatched<readonly Outcome[]> {
    const { quotas, routes } = this.#options;
    const refusal = quotas.takeMessages(session.userId, sends.length);
    this.#countLimited(refusal);
    return refusal === null ? routes.commit(session, sends, dueAt) : refused(refusal);
  }

  answered({ userId }: OpenSession, sends: readonly MessageSend[], outcomes: readonly Outcome[] | ChatError): void {
    this.#options.stories.answered(userId, sends, outcomes);
  }

  #countLimited(refusal: ChatError | null): void {
    if (refusal !== null) this.#options.metrics.limitedSends.inc({ limit: 'user' });
  }

  close(session: OpenSession, end: SessionEnd): void {
    const { sessions, tabs, typing } = this.#options;
    sessions.remove(session);
    for (const subscription of session.subscriptions.values()) this.#forget(session, subscription);
    tabs.ended(session, end);
    typing.ended(session);
    this.#leave(session.userId);
  }

  #leave(userId: UserId): void {
    this.#options.quotas.leave(userId);
    this.#options.memberships.leave(userId);
  }

  /** Takes a user's subscriptions to a room away, on every session here; the user types there no longer. */
  readonly withdrawFrom = (roomId: RoomId, userId: UserId): void => {
    this.#options.typing.cleared(roomId, userId);
    this.#options.notifications.left(roomId, userId);
    for (const session of this.#options.sessions.of(userId)) {
      const concerned = [...session.subscriptions.values()].filter(
        (each) => 'roomId' in each.target && each.target.roomId === roomId && !this.#lookingUp.has(each),
      );
      for (const subscription of concerned) {
        const refusal = withdrawalOf(roomId, userId);
        this.#options.rooms.giveUp(subscription, roomId, refusal);
        session.withdraw(subscription, refusal);
      }
    }
  };

  #forget(session: OpenSession, subscription: Subscription): void {
    const { rooms, subscriptions, presence, typing, notifications, receipts } = this.#options;
    const { target } = subscription;
    if (target.kind === 'room') return rooms.close(session, subscription, target.roomId);
    if (target.kind === 'typing') return typing.unsubscribe(session, subscription, target.roomId);
    if (target.kind === 'presence') return presence.unsubscribe(session, subscription, target.roomId);
    if (target.kind === 'notifications') return notifications.unsubscribe(session);
    if (target.kind === 'receipts') return receipts.unsubscribe(session, subscription);
    subscriptions.remove(session, subscription);
  }
}

function openRoomsOf({ subscriptions }: OpenSession): readonly RoomId[] {
  return [...subscriptions.values()].flatMap(({ target }) => (target.kind === 'room' ? [target.roomId] : []));
}
