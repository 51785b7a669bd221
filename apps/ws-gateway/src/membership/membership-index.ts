import type { MemberRole, RoomEventDTO, RoomId, RoomStatus, RoomType, UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';

/** What the index knows of one membership, as of a version of the room. */
export interface Membership {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly role: MemberRole;
  readonly version: number;
  readonly roomType: RoomType;
  readonly roomStatus: RoomStatus;
}

/** How a user stands to a room; to who may not see it, a private room is like none at all. */
export interface RoomAccess {
  readonly membership: Membership | null;
  readonly isVisible: boolean;
}

/** Where memberships are kept for good. Both reject with UNAVAILABLE while they cannot be read. */
export interface MembershipSource {
  listMembershipsOf(userId: UserId): Promise<readonly Membership[]>;
  findAccess(roomId: RoomId, userId: UserId): Promise<RoomAccess>;
}

interface UserEntry {
  sessionCount: number;
  readonly rooms: Map<RoomId, Membership>;
  /** Room version of the newest removal heard of, so that a row read before it does not bring the member back. */
  readonly removedAt: Map<RoomId, number>;
  loading: Promise<void> | null;
}

/**
 * The rooms of every user with a session on this instance. Loaded at CONNECT, kept current by room-events, asked
 * before the database: a yes comes from memory, a no always from the database.
 */
export class MembershipIndex {
  readonly #source: MembershipSource;
  readonly #users = new Map<UserId, UserEntry>();

  constructor(source: MembershipSource) {
    this.#source = source;
  }

  /** Counts a session of the user in; resolves once the user's rooms are known. */
  async enter(userId: UserId): Promise<void> {
    const entry = this.#users.get(userId) ?? newEntry();
    this.#users.set(userId, entry);
    entry.sessionCount += 1;
    try {
      await (entry.loading ??= this.#load(userId, entry));
    } catch (error) {
      entry.loading = null;
      this.leave(userId);
      throw error;
    }
  }

  /** Counts a session of the user out; after the last one the user's rooms are forgotten. */
  leave(userId: UserId): void {
    const entry = this.#users.get(userId);
    if (entry === undefined) return;
    entry.sessionCount -= 1;
    if (entry.sessionCount === 0) this.#users.delete(userId);
  }

  /** The membership as memory has it; undefined means only that memory does not know. */
  peek(roomId: RoomId, userId: UserId): Membership | undefined {
    return this.#users.get(userId)?.rooms.get(roomId);
  }

  /** The membership, from memory or else the database. Rejects with NOT_A_MEMBER, ROOM_NOT_FOUND or UNAVAILABLE. */
  async find(roomId: RoomId, userId: UserId): Promise<Membership> {
    const known = this.peek(roomId, userId);
    if (known !== undefined) return known;
    const { membership, isVisible } = await this.#source.findAccess(roomId, userId);
    if (membership === null) throw new ChatError(isVisible ? 'NOT_A_MEMBER' : 'ROOM_NOT_FOUND');
    const entry = this.#users.get(userId);
    if (entry !== undefined && !this.#learn(entry, membership)) throw new ChatError('NOT_A_MEMBER');
    return membership;
  }

  /** Takes in one change of a room; older ones than what is known change nothing. */
  apply(event: RoomEventDTO): void {
    switch (event.event) {
      case 'MEMBER_REMOVED':
        if (event.userId !== undefined) this.#remove(event.roomId, event.userId, event.version);
        break;
      case 'ROLE_CHANGED':
        this.#changeRole(event);
        break;
      case 'ROOM_ARCHIVED':
        this.#archive(event.roomId);
        break;
      default: // a room made, renamed or joined: memory asks the database when it needs to know
        break;
    }
  }

  #load = async (userId: UserId, entry: UserEntry): Promise<void> => {
    for (const membership of await this.#source.listMembershipsOf(userId)) this.#learn(entry, membership);
  };

  #learn(entry: UserEntry, membership: Membership): boolean {
    const removedAt = entry.removedAt.get(membership.roomId);
    if (removedAt !== undefined && membership.version <= removedAt) return false;
    const known = entry.rooms.get(membership.roomId);
    if (known === undefined || known.version <= membership.version) entry.rooms.set(membership.roomId, membership);
    return true;
  }

  #remove(roomId: RoomId, userId: UserId, version: number): void {
    const entry = this.#users.get(userId);
    if (entry === undefined) return;
    const known = entry.rooms.get(roomId);
    if (known !== undefined && known.version > version) return;
    entry.rooms.delete(roomId);
    entry.removedAt.set(roomId, Math.max(version, entry.removedAt.get(roomId) ?? 0));
  }

  #changeRole(event: RoomEventDTO): void {
    if (event.userId === undefined || event.role === undefined) return;
    const entry = this.#users.get(event.userId);
    const known = entry?.rooms.get(event.roomId);
    if (entry === undefined || known === undefined || known.version >= event.version) return;
    entry.rooms.set(event.roomId, { ...known, role: event.role, version: event.version });
  }

  #archive(roomId: RoomId): void {
    for (const { rooms } of this.#users.values()) {
      const known = rooms.get(roomId);
      if (known !== undefined) rooms.set(roomId, { ...known, roomStatus: 'ARCHIVED' });
    }
  }
}

function newEntry(): UserEntry {
  return { sessionCount: 0, rooms: new Map(), removedAt: new Map(), loading: null };
}
