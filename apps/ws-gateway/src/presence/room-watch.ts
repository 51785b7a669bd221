import type { PresenceEventDTO, RoomEventDTO, RoomId, UserId } from '@chat/dto';

interface WatchedRoom {
  /** Local presence subscriptions, those on their way included. */
  holdCount: number;
  readonly members: Set<UserId>;
  /** Changes heard of while the members are being read; null once they are known. */
  pending: RoomEventDTO[] | null;
  version: number;
  /** The newest version of each user's joining or leaving that was told here. */
  readonly toldVersions: Map<UserId, number>;
}

/** The members of a room as of a version of it. */
export interface RoomMembers {
  readonly version: number;
  readonly memberIds: readonly UserId[];
}

/**
 * Whose presence matters on this instance: the members of every room with a local presence subscription. Entered as
 * loading before the members are read; changes meanwhile are kept and applied after it, older ones ignored.
 */
export class RoomWatch {
  readonly #rooms = new Map<RoomId, WatchedRoom>();
  readonly #roomsOfUser = new Map<UserId, Set<RoomId>>();
  readonly #versionOfUser = new Map<UserId, number>();

  has(roomId: RoomId): boolean {
    return this.#rooms.has(roomId);
  }

  /** Counts a presence subscription in. True for the first: from now on changes are kept, and `loaded` must follow. */
  hold(roomId: RoomId): boolean {
    const room = this.#rooms.get(roomId);
    if (room !== undefined) {
      room.holdCount += 1;
      return false;
    }
    this.#rooms.set(roomId, { holdCount: 1, members: new Set(), pending: [], version: 0, toldVersions: new Map() });
    return true;
  }

  loaded(roomId: RoomId, { version, memberIds }: RoomMembers): void {
    const room = this.#rooms.get(roomId);
    if (room === undefined || room.pending === null) return;
    const { pending } = room;
    room.pending = null;
    room.version = version;
    for (const userId of memberIds) this.#addMember(roomId, room, userId);
    for (const event of pending) this.#change(room, event);
  }

  /** Counts a presence subscription out; the room is forgotten with the last. */
  release(roomId: RoomId): void {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return;
    room.holdCount -= 1;
    if (room.holdCount > 0) return;
    for (const userId of room.members) this.#removeMember(roomId, room, userId);
    this.#rooms.delete(roomId);
  }

  applyRoomEvent(event: RoomEventDTO): void {
    const room = this.#rooms.get(event.roomId);
    if (room === undefined) return;
    if (room.pending === null) this.#change(room, event);
    else room.pending.push(event);
  }

  /** The watched rooms that a presence event concerns; none for a version that was seen already. */
  roomsConcernedBy(event: PresenceEventDTO): readonly RoomId[] {
    if (event.roomId !== undefined) return this.#isNewsOf(event.roomId, event) ? [event.roomId] : [];
    const rooms = this.#roomsOfUser.get(event.userId);
    if (rooms === undefined) return [];
    const seen = this.#versionOfUser.get(event.userId);
    if (seen !== undefined && seen >= event.version) return [];
    this.#versionOfUser.set(event.userId, event.version);
    return [...rooms];
  }

  /** A user's joining or leaving of a watched room, whether or not the room's own event has come yet. */
  #isNewsOf(roomId: RoomId, { userId, version }: PresenceEventDTO): boolean {
    const room = this.#rooms.get(roomId);
    if (room === undefined || (room.toldVersions.get(userId) ?? -1) >= version) return false;
    room.toldVersions.set(userId, version);
    return true;
  }

  #change(room: WatchedRoom, event: RoomEventDTO): void {
    if (event.version <= room.version) return;
    room.version = event.version;
    if (event.userId === undefined) return;
    if (event.event === 'MEMBER_ADDED') this.#addMember(event.roomId, room, event.userId);
    if (event.event === 'MEMBER_REMOVED') this.#removeMember(event.roomId, room, event.userId);
  }

  #addMember(roomId: RoomId, room: WatchedRoom, userId: UserId): void {
    room.members.add(userId);
    const rooms = this.#roomsOfUser.get(userId);
    if (rooms === undefined) this.#roomsOfUser.set(userId, new Set([roomId]));
    else rooms.add(roomId);
  }

  #removeMember(roomId: RoomId, room: WatchedRoom, userId: UserId): void {
    room.members.delete(userId);
    const rooms = this.#roomsOfUser.get(userId);
    if (rooms === undefined) return;
    rooms.delete(roomId);
    if (rooms.size > 0) return;
    this.#roomsOfUser.delete(userId);
    this.#versionOfUser.delete(userId);
  }
}
