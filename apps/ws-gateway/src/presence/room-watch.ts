import type { PresenceEventDTO, RoomEventDTO, RoomId, UserId } from '@chat/dto';
import { TOLD_MEMBERSHIPS_MAX } from '../limits.ts';

/** Presence of a user at a version of it; `at` is when it began (ISO-8601), null where nobody was ever seen. */
export interface UserPresence {
  readonly isOnline: boolean;
  readonly version: number;
  readonly at: string | null;
}

interface WatchedUser {
  readonly rooms: Set<RoomId>;
  /** Null as long as nobody could say; then the user counts as offline. */
  presence: UserPresence | null;
}

interface WatchedRoom {
  /** Local presence subscriptions, those on their way included. */
  holdCount: number;
  readonly members: Set<UserId>;
  readonly online: Set<UserId>;
  /** Changes heard of while the members are being read; null once they are known. */
  pending: RoomEventDTO[] | null;
  version: number;
  /** The newest version of a user's joining or leaving that was told here, of those who were told of last, in this order. */
  readonly toldVersions: Map<UserId, number>;
}

/** The members of a room as of a version of it. */
export interface RoomMembers {
  readonly version: number;
  readonly memberIds: readonly UserId[];
}

/** What is to be told in a room about a user, who was online there before or not. */
export interface RoomChange {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly wasOnline: boolean;
  /** What made it; null where it was read and not told. */
  readonly event: PresenceEventDTO | null;
}

const NEVER_SEEN: UserPresence = { isOnline: false, version: 0, at: null };

/**
 * Whose presence matters on this instance, and what it is: the members of every room with a local presence subscription.
 * Entered as loading before the members are read; changes meanwhile are kept and applied after it, older ones ignored.
 * Presence of members is read once, where nothing is known of them; from there on the log alone moves it, so that what was
 * told at first and what is told after it join without a gap.
 */
export class RoomWatch {
  readonly #rooms = new Map<RoomId, WatchedRoom>();
  readonly #users = new Map<UserId, WatchedUser>();

  has(roomId: RoomId): boolean {
    return this.#rooms.has(roomId);
  }

  get roomIds(): Iterable<RoomId> {
    return this.#rooms.keys();
  }

  /** Counts a presence subscription in. True for the first: from now on changes are kept, and `loaded` must follow. */
  hold(roomId: RoomId): boolean {
    const room = this.#rooms.get(roomId);
    if (room !== undefined) {
      room.holdCount += 1;
      return false;
    }
    const unread = { members: new Set<UserId>(), online: new Set<UserId>(), pending: [], version: 0 };
    this.#rooms.set(roomId, { holdCount: 1, ...unread, toldVersions: new Map() });
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

  /** Counts a presence subscription out; false for the last: the room is forgotten. */
  release(roomId: RoomId): boolean {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return false;
    room.holdCount -= 1;
    if (room.holdCount > 0) return true;
    this.forget(roomId);
    return false;
  }

  /** Whoever still counts on it. */
  forget(roomId: RoomId): void {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return;
    for (const userId of room.members) this.#removeMember(roomId, room, userId);
    this.#rooms.delete(roomId);
  }

  applyRoomEvent(event: RoomEventDTO): void {
    const room = this.#rooms.get(event.roomId);
    if (room === undefined) return;
    if (room.pending === null) this.#change(room, event);
    else room.pending.push(event);
  }

  /** What a presence event changes in watched rooms; nothing for a version that is known already. */
  apply(event: PresenceEventDTO): readonly RoomChange[] {
    const { userId, isOnline, version, at, roomId } = event;
    const membership = roomId === undefined ? [] : this.#membershipChange(roomId, event);
    const user = this.#users.get(userId); // who joins is watched from here on
    if (user === undefined || (user.presence !== null && user.presence.version >= version)) return membership;
    const changes = this.#enter(userId, user, { isOnline, version, at }, event);
    if (event.event === 'RECONNECTED' && changes.length === 0) return this.#inAllRooms(userId, user, true, event);
    return [...changes.filter((change) => change.roomId !== roomId), ...membership];
  }

  /** Members of whom nobody could say anything yet. */
  unknownIn(roomId: RoomId): UserId[] {
    const members = this.#rooms.get(roomId)?.members ?? [];
    return [...members].filter((userId) => this.#users.get(userId)?.presence === null);
  }

  /** All watched users, each with the version that is known. */
  versions(): ReadonlyMap<UserId, number> {
    return new Map([...this.#users].map(([userId, { presence }]) => [userId, presence?.version ?? -1]));
  }

  /**
   * Takes in what was read after it was asked for at these versions, unless the log was faster. Whoever was not found counts
   * as offline, or as unknown still where what was read may have lost them.
   */
  learn(
    asked: ReadonlyMap<UserId, number>,
    found: ReadonlyMap<UserId, UserPresence>,
    { isWhole }: { readonly isWhole: boolean },
  ): readonly RoomChange[] {
    const changes: RoomChange[] = [];
    for (const [userId, askedVersion] of asked) {
      const user = this.#users.get(userId);
      if (user === undefined || (user.presence?.version ?? -1) !== askedVersion) continue;
      const read = found.get(userId) ?? (isWhole ? absent(user.presence) : null);
      if (read !== null && read.version >= askedVersion) changes.push(...this.#enter(userId, user, read, null));
    }
    return changes;
  }

  onlineCountIn(roomId: RoomId): number {
    return this.#rooms.get(roomId)?.online.size ?? 0;
  }

  memberCountOf(roomId: RoomId): number {
    return this.#rooms.get(roomId)?.members.size ?? 0;
  }

  isMember(roomId: RoomId, userId: UserId): boolean {
    return this.#rooms.get(roomId)?.members.has(userId) === true;
  }

  membersOf(roomId: RoomId): Iterable<UserId> {
    return this.#rooms.get(roomId)?.members ?? [];
  }

  onlineIn(roomId: RoomId): Iterable<UserId> {
    return this.#rooms.get(roomId)?.online ?? [];
  }

  /** Null for who is watched nowhere here, or of whom nobody could say anything yet. */
  presenceOf(userId: UserId): UserPresence | null {
    return this.#users.get(userId)?.presence ?? null;
  }

  /** A user's joining or leaving of a watched room, whether or not the room's own event has come yet. */
  #membershipChange(roomId: RoomId, event: PresenceEventDTO): RoomChange[] {
    const { userId, version } = event;
    const room = this.#rooms.get(roomId);
    if (room === undefined || (room.toldVersions.get(userId) ?? -1) >= version) return [];
    noteTold(room.toldVersions, userId, version);
    const told = withNewest(event, this.presenceOf(userId));
    const change = { roomId, userId, wasOnline: room.online.has(userId), event: told };
    // every JOINED that the room has undone meanwhile is followed by its LEFT, so this ends as the room says
    if (room.pending === null && event.event === 'JOINED') this.#addMember(roomId, room, userId);
    if (room.pending === null && event.event === 'LEFT') this.#removeMember(roomId, room, userId);
    return [change];
  }

  #enter(userId: UserId, user: WatchedUser, presence: UserPresence, event: PresenceEventDTO | null): RoomChange[] {
    const wasOnline = user.presence?.isOnline === true;
    user.presence = presence;
    if (presence.isOnline === wasOnline) return [];
    for (const roomId of user.rooms) {
      const online = this.#rooms.get(roomId)?.online;
      if (presence.isOnline) online?.add(userId);
      else online?.delete(userId);
    }
    return this.#inAllRooms(userId, user, wasOnline, event?.roomId === undefined ? event : null);
  }

  #inAllRooms(userId: UserId, { rooms }: WatchedUser, wasOnline: boolean, event: PresenceEventDTO | null) {
    return [...rooms].map((roomId): RoomChange => ({ roomId, userId, wasOnline, event }));
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
    const user = this.#users.get(userId);
    if (user === undefined) this.#users.set(userId, { rooms: new Set([roomId]), presence: null });
    else user.rooms.add(roomId);
    if (user?.presence?.isOnline === true) room.online.add(userId);
  }

  #removeMember(roomId: RoomId, room: WatchedRoom, userId: UserId): void {
    room.members.delete(userId);
    room.online.delete(userId);
    const user = this.#users.get(userId);
    if (user === undefined) return;
    user.rooms.delete(roomId);
    if (user.rooms.size === 0) this.#users.delete(userId);
  }
}

function noteTold(toldVersions: Map<UserId, number>, userId: UserId, version: number): void {
  toldVersions.delete(userId);
  toldVersions.set(userId, version);
  const [oldest] = toldVersions.keys();
  if (toldVersions.size > TOLD_MEMBERSHIPS_MAX && oldest !== undefined) toldVersions.delete(oldest);
}

/** Presence that was read may be newer than the log: what is told of a user never goes back. */
function withNewest(event: PresenceEventDTO, known: UserPresence | null): PresenceEventDTO {
  if (known === null || known.version <= event.version) return event;
  const { isOnline, version, at } = known;
  return { ...event, isOnline, version, at: at ?? event.at };
}

/** Of somebody of whom nothing is stored: offline, since whenever it was. */
function absent(known: UserPresence | null): UserPresence {
  return known === null ? NEVER_SEEN : { ...known, isOnline: false };
}
