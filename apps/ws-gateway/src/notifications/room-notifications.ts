import type { MemberUnread, UnreadRepository } from '@chat/database';
import { isEarlierInLog, type RoomId, type UserId } from '@chat/dto';
import { Ticks, withDeadline, type Logger, type Service } from '@chat/service-kit';
import { NOTIFICATIONS_DESTINATION } from '../broker/destinations.ts';
import { fanOut } from '../broker/fan-out.ts';
import type { OpenSession } from '../broker/gateway.ts';
import { SubscriberGroups } from '../broker/subscriber-groups.ts';
import { NOTIFICATION_LIMITS } from '../limits.ts';
import type { MembershipIndex } from '../membership/membership-index.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { SessionTabs } from '../presence/session-tabs.ts';
import {
  DueNotifications,
  lastOffsetOf,
  type Due,
  type DueOptions,
  type News,
  type Place,
} from './due-notifications.ts';
import { previewOf } from './preview.ts';

const UTF8 = new TextEncoder();

export interface RoomNotificationsOptions {
  readonly memberships: Pick<MembershipIndex, 'peek' | 'roomsOf'>;
  readonly tabs: Pick<SessionTabs, 'hasOpen'>;
  readonly rows: Pick<UnreadRepository, 'listUnreadOfMembers'>;
  readonly isStored: DueOptions['isStored'];
  /** Whether the rows surely have all that counts of the room's log up to the offset. */
  readonly hasStored: (roomId: RoomId, offset: number) => boolean;
  /** Number of the log that is open. */
  readonly findEpoch: () => Promise<number>;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** In ms, of a clock that never goes back. */
  readonly now: () => number;
}

/** What the rows say of members; null where they did not answer. */
interface Answer {
  readonly epoch: number;
  readonly unread: ReadonlyMap<string, MemberUnread>;
}

/**
 * `/user/queue/notifications`: what is new in rooms of users of this instance, to their sessions that listen and do not have
 * the room open, with what is unread by then. The rows are asked for all that is due together, one question after the other;
 * while they do not answer, the message is told without the count after a while, and the count follows.
 */
export class RoomNotifications implements Service {
  readonly name = 'notifications';
  readonly #options: RoomNotificationsOptions;
  readonly #due: DueNotifications;
  /** Sessions that listen, by user, with the count of their subscriptions. */
  readonly #listeners = new Map<UserId, Map<OpenSession, number>>();
  /** While anything waits. */
  readonly #ticks = new Ticks(NOTIFICATION_LIMITS.tickMs, () => this.#tick());
  #isTelling = false;
  #frameCount = 0;

  constructor(options: RoomNotificationsOptions) {
    this.#options = options;
    this.#due = new DueNotifications({ ...NOTIFICATION_LIMITS, isStored: options.isStored });
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#ticks.stop();
    return Promise.resolve();
  }

  subscribe(session: OpenSession): void {
    const { userId } = session;
    const sessions = this.#listeners.get(userId) ?? new Map<OpenSession, number>();
    if (sessions.size === 0) this.#due.add(userId, this.#options.memberships.roomsOf(userId));
    this.#listeners.set(userId, sessions.set(session, (sessions.get(session) ?? 0) + 1));
  }

  unsubscribe(session: OpenSession): void {
    const { userId } = session;
    const sessions = this.#listeners.get(userId);
    const count = sessions?.get(session);
    if (sessions === undefined || count === undefined) return;
    if (count > 1) return void sessions.set(session, count - 1);
    sessions.delete(session);
    if (sessions.size > 0) return;
    this.#listeners.delete(userId);
    this.#due.removeAll(userId);
  }

  joined(roomId: RoomId, userId: UserId): void {
    if (this.#listeners.has(userId)) this.#due.add(userId, [roomId]);
  }

  left(roomId: RoomId, userId: UserId): void {
    this.#due.remove(userId, roomId);
  }

  /** Whether a message of the room is news to anybody here. */
  isNotified(roomId: RoomId): boolean {
    return this.#due.isNotified(roomId);
  }

  /** A message of the room was read. */
  noteMessage(roomId: RoomId, message: Pick<News, 'senderId' | 'offset' | 'body'>): void {
    this.#due.noteMessage(roomId, { ...message, preview: null }, this.#options.now());
    this.#arm();
  }

  /** The user has read up to here, on whichever device. */
  noteRead(roomId: RoomId, userId: UserId, readUpTo: Place): void {
    if (!this.#listeners.has(userId)) return;
    this.#due.noteChange(roomId, userId, readUpTo, this.#options.now());
    this.#arm();
  }

  #arm(): void {
    if (!this.#due.isEmpty) this.#ticks.run();
  }

  #tick(): void {
    this.#due.makePreviews(previewOf);
    if (this.#isTelling) return;
    const due = this.#due.take(this.#options.now());
    if (due.length > 0) return void this.#tellAll(due).catch((error: unknown) => this.#report(error));
    if (this.#due.isEmpty) this.#ticks.rest();
  }

  async #tellAll(due: readonly Due[]): Promise<void> {
    this.#isTelling = true;
    try {
      const wanted = due.filter((each) => this.#receiversOf(each).length > 0);
      for (let from = 0; from < wanted.length; from += NOTIFICATION_LIMITS.perQuestion) {
        const some = wanted.slice(from, from + NOTIFICATION_LIMITS.perQuestion);
        const sure = new Set(some.filter((each) => this.#options.hasStored(each.roomId, lastOffsetOf(each))));
        const answer = await this.#ask(some);
        for (const each of some) this.#tell(each, answer, sure.has(each));
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #report(error: unknown): void {
    this.#options.logger.error({ err: error }, 'notifications could not be told');
  }

  async #ask(due: readonly Due[]): Promise<Answer | null> {
    const { rows, findEpoch, logger } = this.#options;
    const ask = async () => ({ epoch: await findEpoch(), members: await rows.listUnreadOfMembers(due) });
    try {
      const { epoch, members } = await withDeadline(ask(), NOTIFICATION_LIMITS.answerMs, 'counting what is unread');
      return { epoch, unread: new Map(members.map((member) => [keyOf(member), member])) };
    } catch (error) {
      logger.debug({ err: error, count: due.length }, 'what is unread is not known');
      return null;
    }
  }

  #tell(due: Due, answer: Answer | null, isStored: boolean): void {
    const now = this.#options.now();
    const unread = answer?.unread.get(keyOf(due));
    if (answer !== null && unread === undefined) return; // no member any more
    const isKnown = answer !== null && unread !== undefined && isBehind(unread, due, { epoch: answer.epoch, isStored });
    if (isKnown) return this.#send(due, unread.unreadCount);
    if (due.news === null || now < due.since + NOTIFICATION_LIMITS.waitMs) return this.#due.giveBack(due, now);
    this.#send(due, null);
    this.#due.giveBack({ ...due, news: null, uncountedUpTo: due.news.offset }, now); // the count follows
  }

  #send(due: Due, unreadCount: number | null): void {
    const { roomId, userId, news } = due;
    const now = this.#options.now();
    const receivers = this.#receiversOf(due);
    const [away = [], within = []] = [false, true].map((hasOpen) =>
      receivers.filter((session) => this.#options.tabs.hasOpen(session, roomId) === hasOpen),
    );
    const count = this.#fanOut(away, roomId, bodyOf(roomId, unreadCount, news?.preview ?? null));
    const withinCount =
      unreadCount === null ? within.length : this.#fanOut(within, roomId, bodyOf(roomId, unreadCount, null));
    this.#due.noteTold(roomId, now);
    if (count + withinCount === receivers.length) return;
    this.#due.noteChange(roomId, userId, null, now); // a slow client has missed it, and gets the count at least
    this.#arm();
  }

  /** Sessions that listen, and do not see the message themselves; those too where the count changed for another reason. */
  #receiversOf({ roomId, userId, news, readUpTo }: Due): readonly OpenSession[] {
    const { memberships, tabs } = this.#options;
    if (memberships.peek(roomId, userId) === undefined) return [];
    const sessions = [...(this.#listeners.get(userId)?.keys() ?? [])];
    const isForAll = news === null || readUpTo !== null;
    return isForAll ? sessions : sessions.filter((session) => !tabs.hasOpen(session, roomId));
  }

  #fanOut(sessions: readonly OpenSession[], roomId: RoomId, body: string): number {
    if (sessions.length === 0) return 0;
    const groups = new SubscriberGroups();
    for (const session of sessions) {
      const subscription = session.subscriptionTo('notifications');
      if (subscription !== undefined) groups.add(session, subscription);
    }
    this.#frameCount += 1;
    const message = { destination: NOTIFICATIONS_DESTINATION, messageId: `notification-${roomId}-${this.#frameCount}` };
    const count = fanOut(groups, { ...message, body: UTF8.encode(body), isSheddable: true });
    this.#options.metrics.deliveries.inc({ source: 'notifications' }, count);
    return count;
  }
}

function keyOf({ roomId, userId }: Pick<Due, 'roomId' | 'userId'>): string {
  return `${roomId}/${userId}`;
}

/** Whether the count is of a time at which the rows had all that is told; a message that repeats an earlier one has no row. */
function isBehind(unread: MemberUnread, due: Due, { epoch, isStored }: { epoch: number; isStored: boolean }): boolean {
  const offset = lastOffsetOf(due);
  const hasMessage = isStored || offset < 0 || hasReached(unread.storedUpTo, { epoch, offset });
  return hasMessage && (due.readUpTo === null || hasReached(unread.readUpTo, due.readUpTo));
}

function hasReached(place: Place | null, other: Place): boolean {
  return place !== null && !isEarlierInLog(place, other);
}

/** A RoomNotificationDTO; put together as text, for its message is the same for all who are told. */
function bodyOf(roomId: RoomId, unreadCount: number | null, preview: string | null): string {
  const count = unreadCount === null ? '' : `,"unreadCount":${unreadCount}`;
  return `{"roomId":${roomId}${count}${preview === null ? '' : `,"lastMessage":${preview}`}}`;
}
