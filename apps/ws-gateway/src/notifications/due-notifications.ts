import { isEarlierInLog, type LogPosition, type RoomId, type UserId } from '@chat/dto';

/** A place in the log of a room. */
export type Place = Pick<LogPosition, 'epoch' | 'offset'>;

/** A message that is news to all members but its sender. */
export interface News {
  readonly senderId: UserId;
  readonly offset: number;
  /** As it lies in the log, until it is made a preview; null from then on. */
  body: Uint8Array | null;
  /** JSON of the message with its content cut; null before it was made, or where there is none to show. */
  preview: string | null;
}

/** What one member is to be told of a room. */
export interface Due {
  readonly roomId: RoomId;
  readonly userId: UserId;
  /** Null where the count alone may have changed. */
  readonly news: News | null;
  /** The mark that the count is to be told behind; null where that does not matter. */
  readonly readUpTo: Place | null;
  /** Where the last message lies that was told without the count, which is to follow; -1 where there is none. */
  readonly uncountedUpTo: number;
  /** Since when it waits. */
  readonly since: number;
  /** How often it was given back as a count that had waited for long. */
  readonly lateCount: number;
}

export interface DueOptions {
  /** Shortest time between two tellings of a room, in ms. */
  readonly everyMs: number;
  /** Longest wait until a message is stored; then it is told all the same. */
  readonly waitMs: number;
  /** How long what was given back waits, in ms; after `waitMs` twice as long each time, and so long at most. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
  /** How long a count waits at most. */
  readonly lateForMs: number;
  /** Rooms of which something waits; of more nothing is told until their next message. */
  readonly maxRooms: number;
  /** Beyond so many of them no count waits longer than `waitMs`. */
  readonly maxLateRooms: number;
  /** Whether the rows may have the message; a hint. */
  readonly isStored: (roomId: RoomId, offset: number) => boolean;
}

interface NotifiedRoom {
  readonly userIds: Set<UserId>;
  /** The newest message that waits, and the newest of another sender: what is news to the sender of the first. */
  newest: News | null;
  ofAnother: News | null;
  /** Since when there is news that waits. */
  since: number;
  readonly ofOne: Map<UserId, WaitingForOne>;
  /** When members were told last. */
  toldAt: number;
}

/** What waits for one member alone. */
interface WaitingForOne extends Matter {
  readonly notBefore: number;
}

/**
 * Which members here are to be told of which rooms, and when: at most once in `everyMs` a room, of the last that there is, and
 * as a rule not before it is stored. All that a message costs is a look-up of its room. Instants in ms of any clock that
 * never goes back.
 */
export class DueNotifications {
  readonly #options: DueOptions;
  readonly #rooms = new Map<RoomId, NotifiedRoom>();
  readonly #roomsOf = new Map<UserId, Set<RoomId>>();
  readonly #waiting = new Set<RoomId>();

  constructor(options: DueOptions) {
    this.#options = options;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Whether somebody here is told of the room. */
  isNotified(roomId: RoomId): boolean {
    return this.#rooms.has(roomId);
  }

  /** The user is told of these rooms from now on. */
  add(userId: UserId, roomIds: Iterable<RoomId>): void {
    const rooms = this.#roomsOf.get(userId) ?? new Set();
    this.#roomsOf.set(userId, rooms);
    for (const roomId of roomIds) {
      rooms.add(roomId);
      const room = this.#rooms.get(roomId) ?? newRoom();
      this.#rooms.set(roomId, room);
      room.userIds.add(userId);
    }
  }

  /** Is told of nothing more. */
  removeAll(userId: UserId): void {
    for (const roomId of this.#roomsOf.get(userId) ?? []) this.remove(userId, roomId);
    this.#roomsOf.delete(userId);
  }

  /** Is told of this room no longer. */
  remove(userId: UserId, roomId: RoomId): void {
    this.#roomsOf.get(userId)?.delete(roomId);
    const room = this.#rooms.get(roomId);
    if (room === undefined) return;
    room.userIds.delete(userId);
    room.ofOne.delete(userId);
    if (room.userIds.size > 0) return;
    this.#rooms.delete(roomId);
    this.#waiting.delete(roomId);
  }

  /** Somebody wrote in the room. */
  noteMessage(roomId: RoomId, news: News, now: number): void {
    const room = this.#rooms.get(roomId);
    if (room === undefined || !this.#beginWaiting(roomId)) return;
    if (room.newest === null) room.since = now;
    else if (room.newest.senderId !== news.senderId) room.ofAnother = room.newest;
    room.newest = news;
  }

  /** What is unread of the room may have changed for the user alone, once the mark is stored. */
  noteChange(roomId: RoomId, userId: UserId, readUpTo: Place | null, now: number): void {
    const room = this.#rooms.get(roomId);
    if (room?.userIds.has(userId) !== true || !this.#beginWaiting(roomId)) return;
    const known = room.ofOne.get(userId);
    const change = { news: null, readUpTo, uncountedUpTo: -1, since: now, lateCount: 0 };
    const notBefore = Math.min(known?.notBefore ?? Infinity, room.toldAt + this.#options.everyMs);
    room.ofOne.set(userId, { ...(known === undefined ? change : merged(known, change)), notBefore });
  }

  /** Messages that came since the last call become previews: nothing holds their bytes for longer. */
  makePreviews(previewOf: (body: Uint8Array) => string | null): void {
    for (const roomId of this.#waiting) {
      const room = this.#rooms.get(roomId);
      for (const news of [room?.newest, room?.ofAnother]) {
        if (news === null || news === undefined || news.body === null) continue;
        news.preview = previewOf(news.body);
        news.body = null;
      }
    }
  }

  /** Takes out what is to be told now. */
  take(now: number): readonly Due[] {
    const due: Due[] = [];
    for (const roomId of this.#waiting) {
      const room = this.#rooms.get(roomId);
      if (room === undefined) continue;
      if (this.#isReady(roomId, room, now)) takeForAll(roomId, room, now, due);
      this.#takeForSome(roomId, room, now, due);
      if (room.newest === null && room.ofOne.size === 0) this.#waiting.delete(roomId);
    }
    return due;
  }

  /** What was taken out was told only now. */
  noteTold(roomId: RoomId, now: number): void {
    const room = this.#rooms.get(roomId);
    if (room !== undefined) room.toldAt = now;
  }

  /** It could not be told yet, or not all of it: it is taken again soon, or later, with what came meanwhile. */
  giveBack({ roomId, userId, ...due }: Due, now: number): void {
    const { waitMs, retryMs, retryMaxMs, lateForMs, everyMs, maxLateRooms } = this.#options;
    const room = this.#rooms.get(roomId);
    if (room?.userIds.has(userId) !== true) return;
    const isLate = due.news === null && now >= due.since + waitMs;
    if (isLate && now >= due.since + lateForMs) return;
    if (isLate && this.#waiting.size >= maxLateRooms && !this.#waiting.has(roomId)) return;
    if (!this.#beginWaiting(roomId)) return;
    const again = isLate ? { ...due, lateCount: due.lateCount + 1 } : due;
    const known = room.ofOne.get(userId);
    const laterAt = Math.max(now + Math.min(retryMs * 2 ** due.lateCount, retryMaxMs), room.toldAt + everyMs);
    const notBefore = Math.min(known?.notBefore ?? Infinity, isLate ? laterAt : now + retryMs);
    room.ofOne.set(userId, { ...(known === undefined ? again : merged(again, known)), notBefore });
  }

  #takeForSome(roomId: RoomId, room: NotifiedRoom, now: number, due: Due[]): void {
    for (const [userId, waiting] of room.ofOne) {
      if (now < waiting.notBefore || !this.#mayBeCounted(roomId, waiting)) continue;
      due.push({ roomId, userId, ...matterOf(waiting) });
      room.ofOne.delete(userId);
    }
  }

  /** A count alone that the rows surely cannot give yet is not asked for. */
  #mayBeCounted(roomId: RoomId, { news, uncountedUpTo }: Matter): boolean {
    return news !== null || uncountedUpTo < 0 || this.#options.isStored(roomId, uncountedUpTo);
  }

  #isReady(roomId: RoomId, { newest, since, toldAt }: NotifiedRoom, now: number): boolean {
    const { everyMs, waitMs, isStored } = this.#options;
    if (newest === null || now < toldAt + everyMs) return false;
    return now >= since + waitMs || isStored(roomId, newest.offset);
  }

  #beginWaiting(roomId: RoomId): boolean {
    if (this.#waiting.size >= this.#options.maxRooms && !this.#waiting.has(roomId)) return false;
    this.#waiting.add(roomId);
    return true;
  }
}

function newRoom(): NotifiedRoom {
  return { userIds: new Set(), newest: null, ofAnother: null, since: 0, ofOne: new Map(), toldAt: -Infinity };
}

/** The news that waits, for each member to whom it is news, with what waits for that member alone. */
function takeForAll(roomId: RoomId, room: NotifiedRoom, now: number, due: Due[]): void {
  const { newest, ofAnother, since } = room;
  for (const userId of room.userIds) {
    const news = newest?.senderId === userId ? ofAnother : newest;
    const alone = room.ofOne.get(userId);
    if (news === null && alone === undefined) continue;
    const all = { news, readUpTo: null, uncountedUpTo: -1, since, lateCount: 0 };
    due.push({ roomId, userId, ...matterOf(alone === undefined ? all : merged(alone, all)) });
  }
  room.ofOne.clear();
  room.newest = null;
  room.ofAnother = null;
  room.toldAt = now;
}

type Matter = Omit<Due, 'roomId' | 'userId'>;

function matterOf({ news, readUpTo, uncountedUpTo, since, lateCount }: Matter): Matter {
  return { news, readUpTo, uncountedUpTo, since, lateCount };
}

/** Both in one: the later news and the later mark; news waits since the earlier one, a count alone as if it were new. */
function merged(one: Matter, other: Matter): Matter {
  const sinces = [one, other].filter(({ news }) => news !== null).map(({ since }) => since);
  return {
    news: one.news === null || (other.news !== null && other.news.offset > one.news.offset) ? other.news : one.news,
    readUpTo: laterOf(one.readUpTo, other.readUpTo),
    uncountedUpTo: Math.max(one.uncountedUpTo, other.uncountedUpTo),
    since: sinces.length > 0 ? Math.min(...sinces) : Math.max(one.since, other.since),
    lateCount: Math.min(one.lateCount, other.lateCount),
  };
}

/** Where the last message lies that the count is to be told behind; -1 where there is none. */
export function lastOffsetOf({ news, uncountedUpTo }: Pick<Due, 'news' | 'uncountedUpTo'>): number {
  return Math.max(news?.offset ?? -1, uncountedUpTo);
}

function laterOf(one: Place | null, other: Place | null): Place | null {
  if (one === null || other === null) return one ?? other;
  return isEarlierInLog(one, other) ? other : one;
}
