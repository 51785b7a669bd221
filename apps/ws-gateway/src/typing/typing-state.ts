import { TYPING_LIFE_MS, TYPING_USERS_MAX_COUNT, type RoomId, type TypingDTO, type UserId } from '@chat/dto';

/** Shortest time between two frames to the typing subscribers of a room, in ms: at most 2 a second. */
const TELL_EVERY_MS = 500;
/** Shortest time between two signals that the same session still types, in ms. */
const REPEAT_EVERY_MS = 3_000;

/** A session that types, here or elsewhere. */
export interface TypingPlace {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly sessionId: string;
}

export interface TypingLimits {
  /** Rooms that are remembered; what is said of another one is ignored. */
  readonly maxRooms: number;
  /** Sessions that type in one room; one more is ignored. */
  readonly maxSessionsPerRoom: number;
}

/** What is to be done, in this order. */
export type TypingEffect =
  /** Tell the other instances how much longer a session types, in ms; 0: no longer. Null: all sessions of the user. */
  | {
      readonly do: 'publish';
      readonly roomId: RoomId;
      readonly userId: UserId;
      readonly sessionId: string | null;
      readonly lifeMs: number;
    }
  /** Tell the subscribers here who types now. */
  | { readonly do: 'tell'; readonly typing: TypingDTO };

interface TypingSession {
  readonly userId: UserId;
  expiresAt: number;
  /** When others were told last that it types; null where it is elsewhere. */
  publishedAt: number | null;
  /** Whether it has said so again since. */
  hasNews: boolean;
}

interface TypingRoom {
  readonly sessions: Map<string, TypingSession>;
  /** Sessions of each user who types. */
  readonly users: Map<UserId, number>;
  /** Whether subscribers may have to be told. */
  isChanged: boolean;
  /** What they were told last, as text, and when. */
  told: string;
  toldAt: number;
  /** When there is something to do at the earliest, if nothing happens before. */
  wakeAt: number;
}

/**
 * Who types where, by session: those of this instance, and those of others in the rooms that somebody here listens to. Says
 * what others are to be told, and when subscribers are: the last state always, but not more often than they may be. Instants
 * are in ms of any clock that never goes back.
 */
export class TypingState {
  readonly #limits: TypingLimits;
  readonly #rooms = new Map<RoomId, TypingRoom>();
  readonly #roomsOfSession = new Map<string, Set<RoomId>>();
  readonly #listened = new Set<RoomId>();

  constructor(limits: TypingLimits) {
    this.#limits = limits;
  }

  /** Whether nothing will happen by itself. */
  get isEmpty(): boolean {
    return this.#rooms.size === 0;
  }

  /** Somebody here listens to the room from now on: what is told of it counts from who types now. */
  listen(roomId: RoomId): void {
    this.#listened.add(roomId);
    const room = this.#rooms.get(roomId);
    if (room === undefined) return;
    room.isChanged = false;
    room.told = textOf(typingOf(roomId, room));
  }

  /** Nobody here listens any more: what others say of the room is no longer heard, so it is forgotten. */
  unlisten(roomId: RoomId): void {
    this.#listened.delete(roomId);
    const room = this.#rooms.get(roomId);
    if (room === undefined) return;
    for (const [sessionId, session] of room.sessions) if (isElsewhere(session)) this.#remove(roomId, room, sessionId);
    room.isChanged = false;
    room.wakeAt = 0; // to be forgotten itself, where nobody types any more
  }

  /** Null where nobody types. */
  whoTypes(roomId: RoomId): TypingDTO | null {
    const room = this.#rooms.get(roomId);
    return room === undefined || room.users.size === 0 ? null : typingOf(roomId, room);
  }

  /** A session of this instance types. */
  say(place: TypingPlace, now: number): readonly TypingEffect[] {
    const { roomId, userId, sessionId } = place;
    const known = this.#rooms.get(roomId)?.sessions.get(sessionId);
    if (known !== undefined && !isElsewhere(known)) return this.#sayAgain(roomId, sessionId, known, now);
    const room = this.#enter(place, now + TYPING_LIFE_MS, now);
    if (room === null) return [];
    const publish = { do: 'publish', roomId, userId, sessionId, lifeMs: TYPING_LIFE_MS } as const;
    return [publish, ...this.#settle(roomId, room, now)];
  }

  /** A session of another instance types for so much longer; 0: no longer. */
  hear(place: TypingPlace, lifeMs: number, now: number): readonly TypingEffect[] {
    const { roomId, sessionId } = place;
    const known = this.#rooms.get(roomId)?.sessions.get(sessionId);
    if (!this.#listened.has(roomId) || (known !== undefined && !isElsewhere(known))) return [];
    if (lifeMs <= 0) return this.#leave(roomId, [sessionId], now);
    if (known !== undefined) known.expiresAt = now + lifeMs;
    const room = known === undefined ? this.#enter(place, now + lifeMs, null) : this.#rooms.get(roomId);
    if (room === undefined || room === null) return [];
    room.wakeAt = Math.min(room.wakeAt, now + lifeMs);
    return this.#settle(roomId, room, now);
  }

  /** A session of this instance stopped, or left the room. */
  stop({ roomId, userId, sessionId }: TypingPlace, now: number): readonly TypingEffect[] {
    const known = this.#rooms.get(roomId)?.sessions.get(sessionId);
    if (known === undefined || isElsewhere(known)) return [];
    const publish = { do: 'publish', roomId, userId, sessionId, lifeMs: 0 } as const;
    return [publish, ...this.#leave(roomId, [sessionId], now)];
  }

  /** A session of this instance is over: it types nowhere. */
  end(userId: UserId, sessionId: string, now: number): readonly TypingEffect[] {
    const rooms = [...(this.#roomsOfSession.get(sessionId) ?? [])];
    return rooms.flatMap((roomId) => this.stop({ roomId, userId, sessionId }, now));
  }

  /** The user types in the room on no session at all: has sent what was typed, or is no member any more. */
  clear(roomId: RoomId, userId: UserId, now: number): readonly TypingEffect[] {
    if (this.#rooms.get(roomId)?.users.has(userId) !== true) return [];
    const publish = { do: 'publish', roomId, userId, sessionId: null, lifeMs: 0 } as const;
    return [publish, ...this.hearCleared(roomId, userId, now)];
  }

  /** Another instance says the same. */
  hearCleared(roomId: RoomId, userId: UserId, now: number): readonly TypingEffect[] {
    const sessions = this.#rooms.get(roomId)?.sessions ?? [];
    const ofUser = [...sessions].filter(([, session]) => session.userId === userId);
    return this.#leave(
      roomId,
      ofUser.map(([sessionId]) => sessionId),
      now,
    );
  }

  /** What is due by now: who said nothing more no longer types, and what had to wait is told. */
  advance(now: number): readonly TypingEffect[] {
    const effects: TypingEffect[] = [];
    for (const [roomId, room] of this.#rooms) if (room.wakeAt <= now) effects.push(...this.#wake(roomId, room, now));
    return effects;
  }

  #sayAgain(roomId: RoomId, sessionId: string, session: TypingSession, now: number): readonly TypingEffect[] {
    session.expiresAt = now + TYPING_LIFE_MS;
    session.hasNews = true;
    const room = this.#rooms.get(roomId);
    if (room !== undefined) room.wakeAt = Math.min(room.wakeAt, repeatAt(session));
    return this.#repeat(roomId, sessionId, session, now);
  }

  #repeat(roomId: RoomId, sessionId: string, session: TypingSession, now: number): readonly TypingEffect[] {
    if (repeatAt(session) > now) return [];
    session.publishedAt = now;
    session.hasNews = false;
    const { userId, expiresAt } = session;
    return [{ do: 'publish', roomId, userId, sessionId, lifeMs: expiresAt - now }];
  }

  /** Null where there is no room for it. */
  #enter({ roomId, userId, sessionId }: TypingPlace, expiresAt: number, publishedAt: number | null): TypingRoom | null {
    const { maxRooms, maxSessionsPerRoom } = this.#limits;
    const known = this.#rooms.get(roomId);
    if (known === undefined ? this.#rooms.size >= maxRooms : known.sessions.size >= maxSessionsPerRoom) return null;
    const room = known ?? newRoom(roomId);
    this.#rooms.set(roomId, room);
    room.sessions.set(sessionId, { userId, expiresAt, publishedAt, hasNews: false });
    room.wakeAt = Math.min(room.wakeAt, expiresAt);
    const count = room.users.get(userId) ?? 0;
    room.users.set(userId, count + 1);
    if (count === 0) room.isChanged = true;
    if (publishedAt !== null) this.#noteRoom(sessionId, roomId);
    return room;
  }

  #noteRoom(sessionId: string, roomId: RoomId): void {
    const rooms = this.#roomsOfSession.get(sessionId);
    if (rooms === undefined) this.#roomsOfSession.set(sessionId, new Set([roomId]));
    else rooms.add(roomId);
  }

  #leave(roomId: RoomId, sessionIds: readonly string[], now: number): readonly TypingEffect[] {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return [];
    for (const sessionId of sessionIds) this.#remove(roomId, room, sessionId);
    return this.#settle(roomId, room, now);
  }

  #remove(roomId: RoomId, room: TypingRoom, sessionId: string): void {
    const session = room.sessions.get(sessionId);
    if (session === undefined) return;
    room.sessions.delete(sessionId);
    const rooms = this.#roomsOfSession.get(sessionId);
    rooms?.delete(roomId);
    if (rooms?.size === 0) this.#roomsOfSession.delete(sessionId);
    const count = room.users.get(session.userId) ?? 0;
    if (count > 1) return void room.users.set(session.userId, count - 1);
    room.users.delete(session.userId);
    room.isChanged = true;
  }

  #wake(roomId: RoomId, room: TypingRoom, now: number): readonly TypingEffect[] {
    const effects: TypingEffect[] = [];
    room.wakeAt = Infinity;
    for (const [sessionId, session] of room.sessions) {
      if (session.expiresAt <= now) this.#remove(roomId, room, sessionId);
      else {
        effects.push(...this.#repeat(roomId, sessionId, session, now));
        room.wakeAt = Math.min(room.wakeAt, session.expiresAt, repeatAt(session));
      }
    }
    return [...effects, ...this.#settle(roomId, room, now)];
  }

  /** A room that is over is remembered for as long as its subscribers may not be told again. */
  #settle(roomId: RoomId, room: TypingRoom, now: number): readonly TypingEffect[] {
    const effects = this.#tell(roomId, room, now);
    const mayTellAt = room.toldAt + TELL_EVERY_MS;
    if (now < mayTellAt) room.wakeAt = Math.min(room.wakeAt, mayTellAt);
    else if (room.sessions.size === 0) this.#rooms.delete(roomId);
    return effects;
  }

  /** Who types now, where that is news and the last time is long enough ago. */
  #tell(roomId: RoomId, room: TypingRoom, now: number): readonly TypingEffect[] {
    if (!this.#listened.has(roomId)) room.isChanged = false;
    if (!room.isChanged || now < room.toldAt + TELL_EVERY_MS) return [];
    room.isChanged = false;
    const typing = typingOf(roomId, room);
    const told = textOf(typing);
    if (told === room.told) return [];
    room.told = told;
    room.toldAt = now;
    return [{ do: 'tell', typing }];
  }
}

function newRoom(roomId: RoomId): TypingRoom {
  const room = { sessions: new Map(), users: new Map(), isChanged: false, toldAt: -Infinity, wakeAt: Infinity };
  return { ...room, told: textOf({ roomId, userIds: [], count: 0 }) };
}

const isElsewhere = ({ publishedAt }: TypingSession): boolean => publishedAt === null;

/** When others must be told that it still types; never where it is elsewhere or has not said so again. */
const repeatAt = ({ publishedAt, hasNews }: TypingSession): number =>
  publishedAt !== null && hasNews ? publishedAt + REPEAT_EVERY_MS : Infinity;

function typingOf(roomId: RoomId, { users }: TypingRoom): TypingDTO {
  const userIds = [...users.keys()].sort((a, b) => a - b).slice(0, TYPING_USERS_MAX_COUNT);
  return { roomId, userIds, count: users.size };
}

const textOf = (typing: TypingDTO): string => JSON.stringify(typing);
