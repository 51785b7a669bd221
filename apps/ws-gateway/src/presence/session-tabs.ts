import type { RoomId } from '@chat/dto';
import type { OpenSession, SessionEnd } from '../broker/gateway.ts';
import { SEEN_REPORTS } from '../limits.ts';
import { OpenRooms } from './open-rooms.ts';
import type { AnnouncedSession, SessionAnnouncer } from './session-announcer.ts';
import { Turns } from './turns.ts';

/** A session and the rooms that it has open. */
export interface SessionInRooms extends AnnouncedSession {
  readonly roomIds: readonly RoomId[];
}

/** Which room tabs each session here has open, and the telling of it to presence-worker. */
export class SessionTabs {
  readonly #announcer: SessionAnnouncer;
  readonly #openRooms = new Map<OpenSession, OpenRooms>();
  /** Of sessions that have, or had, a room open. */
  readonly #turns = new Turns<OpenSession>(SEEN_REPORTS.turns);

  constructor(announcer: SessionAnnouncer) {
    this.#announcer = announcer;
  }

  opened(session: OpenSession): void {
    const rooms = new OpenRooms();
    this.#openRooms.set(session, rooms);
    this.#announcer.opened(announced(session, rooms));
  }

  /** Whether the session has the room's tab open. */
  hasOpen(session: OpenSession, roomId: RoomId): boolean {
    return this.#openRooms.get(session)?.has(roomId) === true;
  }

  entered(session: OpenSession, roomId: RoomId): void {
    const rooms = this.#openRooms.get(session);
    if (rooms === undefined) return;
    rooms.enter(roomId);
    this.#turns.add(session);
    this.#announcer.opened(announced(session, rooms));
  }

  unsubscribed(session: OpenSession, roomId: RoomId): void {
    const rooms = this.#openRooms.get(session);
    if (rooms?.unsubscribe(roomId) === true) this.#announcer.opened(announced(session, rooms), [roomId]);
  }

  /** The exit destination: the user was in the room up to now, whether or not a subscription says so. */
  exited(session: OpenSession, roomId: RoomId): void {
    const rooms = this.#openRooms.get(session);
    if (rooms === undefined) return;
    rooms.exit(roomId);
    this.#announcer.opened(announced(session, rooms), [roomId]);
  }

  ended(session: OpenSession, end: SessionEnd): void {
    const rooms = this.#openRooms.get(session);
    if (rooms === undefined) return;
    this.#openRooms.delete(session);
    this.#turns.delete(session);
    this.#announcer.ended(announced(session, rooms), end, rooms.list());
  }

  /** The sessions with an open room whose turn it is to be told of. */
  takeTurn(): readonly SessionInRooms[] {
    const inRooms: SessionInRooms[] = [];
    for (const session of this.#turns.next()) {
      const rooms = this.#openRooms.get(session);
      const roomIds = rooms?.list() ?? [];
      if (rooms !== undefined && roomIds.length > 0) inRooms.push({ ...announced(session, rooms), roomIds });
    }
    return inRooms;
  }

  /** Tells of every live session again, under the gateway id of now. */
  announceAll(): void {
    for (const [session, rooms] of this.#openRooms) this.#announcer.opened(announced(session, rooms));
  }
}

function announced(session: OpenSession, rooms: OpenRooms): AnnouncedSession {
  return { userId: session.userId, sessionId: session.sessionId, activeRoomId: rooms.activeRoomId };
}
