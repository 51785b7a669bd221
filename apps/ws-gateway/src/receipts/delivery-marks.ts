import type { RoomId, UserId } from '@chat/dto';
import type { LiveSession } from '../broker/live-session.ts';
import type { Subscription } from '../broker/requests.ts';
import { MARK_AGAIN_MS, MARK_FLUSH_MS, MARK_SLOTS, MARKS_PER_ROOM_AND_SECOND } from '../limits.ts';

/** Users who have been delivered a room up to the same offset of its log, each without a gap from an offset of his own on. */
export interface MarkGroup {
  readonly upTo: number;
  readonly userIds: UserId[];
  /** In the order of `userIds`. */
  readonly unbrokenFrom: number[];
}

/** What is to be told of a room: at least one group. */
export interface RoomMarks {
  readonly roomId: RoomId;
  readonly groups: readonly MarkGroup[];
}

/** What a subscription to a room has delivered, as far as it was told. */
interface Stream {
  readonly session: LiveSession;
  readonly subscription: Subscription;
  readonly unbrokenFrom: number;
  toldUpTo: number;
  /** When what was told first is told again: Infinity before it was told, null once it was told again. */
  againAt: number | null;
}

/** A room that somebody here listens to, or did so until now. */
interface Room {
  readonly roomId: RoomId;
  readonly slot: number;
  readonly streams: Map<Subscription, Stream>;
  /** Where its last message lies, who wrote it, and where the last one of anybody else lies; -1 where there is none. */
  tail: number;
  lastSenderId: UserId | null;
  othersTail: number;
  /** Whether it is in the list of its slot. */
  isDue: boolean;
  /** A room that had much to tell rests until then. */
  restsUntil: number;
  /** Of subscriptions that are gone. */
  ended: MarkGroup[];
}

export interface DeliveryMarksOptions {
  /** Where the room's last message that was read here lies; undefined where that is forgotten. */
  readonly findTail: (roomId: RoomId) => number | undefined;
  /** Called when there is something to collect where there was nothing. */
  readonly onPending?: () => void;
}

/**
 * How far the live subscriptions to rooms have come (DESIGN §5.7): in ack mode `auto` what was written to the socket, in the
 * client modes what lies before the first message that is not acknowledged. Nothing is noted for a delivery but its room: what
 * a subscription has got is known from where it went live and how far the room was read. A user's own messages move nothing
 * that anybody asks for, so they alone are not told. Each room has its turn once in `MARK_SLOTS` calls of `collect`.
 */
export class DeliveryMarks {
  readonly #options: DeliveryMarksOptions;
  readonly #rooms = new Map<RoomId, Room>();
  readonly #due: Room[][] = Array.from({ length: MARK_SLOTS }, () => []);
  #dueCount = 0;

  constructor(options: DeliveryMarksOptions) {
    this.#options = options;
  }

  /** Whether `collect` may have something to tell, now or later. */
  get isPending(): boolean {
    return this.#dueCount > 0;
  }

  /** The subscription is live, with everything from this offset on. */
  opened(session: LiveSession, subscription: Subscription, place: { roomId: RoomId; unbrokenFrom: number }): void {
    const { roomId, unbrokenFrom } = place;
    const room = this.#rooms.get(roomId) ?? this.#enter(roomId);
    if (room.streams.size === 0) this.#catchUp(room);
    room.streams.set(subscription, {
      session,
      subscription,
      unbrokenFrom,
      toldUpTo: unbrokenFrom - 1,
      againAt: Infinity,
    });
    this.#makeDue(room);
  }

  /** It is gone; what it has delivered by now is told with the next. */
  closed(subscription: Subscription, roomId: RoomId): void {
    const room = this.#rooms.get(roomId);
    const stream = room?.streams.get(subscription);
    if (room === undefined || stream === undefined) return;
    const upTo = deliveredUpTo(room, stream);
    if (upTo > stream.toldUpTo && isNews(room, stream)) addTo(room.ended, stream, upTo);
    room.streams.delete(subscription);
    this.#makeDue(room); // to be told of, or forgotten
  }

  /** A message of the room was handed to its subscribers. */
  changed(roomId: RoomId, senderId: UserId, offset: number): void {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return;
    if (senderId !== room.lastSenderId) {
      room.othersTail = room.tail;
      room.lastSenderId = senderId;
    }
    room.tail = offset;
    if (!room.isDue) this.#makeDue(room);
  }

  /** Marks of the slot's rooms that have risen, or are due to be told again. `now` in monotonic ms. */
  collect(slot: number, now: number): readonly RoomMarks[] {
    const rooms = this.#due[slot] ?? [];
    if (rooms.length === 0) return [];
    this.#due[slot] = [];
    this.#dueCount -= rooms.length;
    const marks: RoomMarks[] = [];
    for (const room of rooms) {
      room.isDue = false;
      if (now < room.restsUntil && room.streams.size > 0) this.#makeDue(room);
      else this.#collectRoom(room, now, marks);
    }
    return marks;
  }

  /** Everything that there is to tell, whoever's turn it is. */
  collectAll(): readonly RoomMarks[] {
    return this.#due.flatMap((_, slot) => this.collect(slot, Infinity));
  }

  #collectRoom(room: Room, now: number, marks: RoomMarks[]): void {
    const groups = room.ended;
    room.ended = [];
    let isPending = false;
    for (const stream of room.streams.values()) isPending = look(room, stream, now, groups) || isPending;
    if (isPending) this.#makeDue(room);
    else if (room.streams.size === 0) this.#rooms.delete(room.roomId);
    if (groups.length === 0) return;
    room.restsUntil = now + restAfter(groups);
    marks.push({ roomId: room.roomId, groups });
  }

  #enter(roomId: RoomId): Room {
    const place = { roomId, slot: roomId % MARK_SLOTS, streams: new Map<Subscription, Stream>() };
    const room: Room = {
      ...place,
      ...{ tail: -1, lastSenderId: null, othersTail: -1, isDue: false, restsUntil: -Infinity, ended: [] },
    };
    this.#rooms.set(roomId, room);
    return room;
  }

  /** What came while nobody here listened may be anybody's. */
  #catchUp(room: Room): void {
    room.tail = this.#options.findTail(room.roomId) ?? -1;
    room.othersTail = room.tail;
    room.lastSenderId = null;
  }

  #makeDue(room: Room): void {
    if (room.isDue) return;
    room.isDue = true;
    this.#due[room.slot]?.push(room);
    this.#dueCount += 1;
    if (this.#dueCount === 1) this.#options.onPending?.();
  }
}

/** Adds what is to be told of the stream; returns whether there may be more later without anything that happens in the room. */
function look(room: Room, stream: Stream, now: number, groups: MarkGroup[]): boolean {
  const upTo = deliveredUpTo(room, stream);
  const hasRisen = upTo > stream.toldUpTo && isNews(room, stream);
  const isDueAgain = stream.againAt !== null && now >= stream.againAt && stream.againAt !== Infinity;
  if (hasRisen && stream.againAt === Infinity) stream.againAt = now + MARK_AGAIN_MS;
  if (isDueAgain) stream.againAt = null;
  if (hasRisen) stream.toldUpTo = upTo;
  if (hasRisen || isDueAgain) addTo(groups, stream, stream.toldUpTo);
  const isToBeToldAgain = stream.againAt !== null && stream.againAt !== Infinity;
  return isToBeToldAgain || isNews(room, stream);
}

/** Whether the room has something of others that was not told to be delivered. */
function isNews(room: Room, { session, toldUpTo }: Stream): boolean {
  return (session.userId === room.lastSenderId ? room.othersTail : room.tail) > toldUpTo;
}

/** Bytes that wait for the client may hold any of its messages, so that nothing more is delivered until they are gone. */
function deliveredUpTo({ tail }: Room, { session, subscription, toldUpTo }: Stream): number {
  if (session.receiver.outboundBytes > 0) return toldUpTo;
  return Math.min(tail, (subscription.unacknowledged?.acknowledgedBefore ?? Infinity) - 1);
}

/** Most stand where the one before stands. */
function addTo(groups: MarkGroup[], { session, unbrokenFrom }: Stream, upTo: number): void {
  let group = groups.at(-1);
  if (group?.upTo !== upTo) group = groups.find((known) => known.upTo === upTo);
  if (group === undefined) groups.push((group = { upTo, userIds: [], unbrokenFrom: [] }));
  group.userIds.push(session.userId);
  group.unbrokenFrom.push(unbrokenFrom);
}

/** How long a room rests that had so much to tell, in ms; half a turn less, for turns are not exact. */
function restAfter(groups: readonly MarkGroup[]): number {
  const count = groups.reduce((sum, { userIds }) => sum + userIds.length, 0);
  return (count / MARKS_PER_ROOM_AND_SECOND) * 1_000 - MARK_FLUSH_MS / 2;
}
