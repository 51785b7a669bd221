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

/** One change of a room or its members, as room-events tell it, or a removal as the room's own log does. */
export type MembershipChange = Omit<RoomEventDTO, 'at'>;

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
  loading: Promise<void> | null;
  /** Reads of the database under way; while there are any, events are kept and applied again behind them. */
  readCount: number;
  readonly heardMeanwhile: MembershipChange[];
}

/**
 * The rooms of every user with a session on this instance. Loaded at CONNECT, kept current by room-events, asked
 * before the database: a yes comes from memory, a no always from the database. What a read brings is as old as its
 * snapshot, so the events that came while it was under way are applied to it; older ones than the snapshot do nothing.
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

  /** The rooms of a user with a session here, as memory has them. */
  roomsOf(userId: UserId): Iterable<RoomId> {
    return this.#users.get(userId)?.rooms.keys() ?? [];
  }

  /** The membership, from memory or else the database. Rejects with NOT_A_MEMBER, ROOM_NOT_FOUND or UNAVAILABLE. */
  async find(roomId: RoomId, userId: UserId): Promise<Membership> {
    const known = this.peek(roomId, userId);
    if (known !== undefined) return known;
    const entry = this.#users.get(userId) ?? newEntry();
    const { membership, isVisible } = await this.#read(
      entry,
      () => this.#source.findAccess(roomId, userId),
      (access) => {
        if (access.membership !== null) learn(entry, access.membership);
      },
    );
    if (membership === null) throw new ChatError(isVisible ? 'NOT_A_MEMBER' : 'ROOM_NOT_FOUND');
    const current = entry.rooms.get(roomId);
    if (current === undefined) throw new ChatError('NOT_A_MEMBER'); // removed while the answer was on its way
    return current;
  }

  /** Takes in one change of a room; older ones than what is known change nothing. */
  apply(event: MembershipChange): void {
    if (event.userId !== undefined && event.event !== 'ROOM_CREATED') {
      const entry = this.#users.get(event.userId);
      if (entry !== undefined) this.#applyTo(entry, event);
      return;
    }
    for (const entry of this.#users.values()) this.#applyTo(entry, event);
  }

  /** Whether the user has a session here. */
  isHere(userId: UserId): boolean {
    return this.#users.has(userId);
  }

  /** Reads the rooms of a user with a session here once more. Rejects with UNAVAILABLE. */
  async relearn(userId: UserId): Promise<void> {
    const entry = this.#users.get(userId);
    if (entry !== undefined) await this.#load(userId, entry);
  }

  #applyTo(entry: UserEntry, event: MembershipChange): void {
    if (entry.readCount > 0) entry.heardMeanwhile.push(event);
    applyEvent(entry.rooms, event);
  }

  readonly #load = async (userId: UserId, entry: UserEntry): Promise<void> => {
    await this.#read(
      entry,
      () => this.#source.listMembershipsOf(userId),
      (memberships) => {
        for (const membership of memberships) learn(entry, membership);
      },
    );
  };

  async #read<Answer>(entry: UserEntry, ask: () => Promise<Answer>, take: (answer: Answer) => void): Promise<Answer> {
    entry.readCount += 1;
    try {
      const answer = await ask();
      take(answer);
      for (const event of entry.heardMeanwhile) applyEvent(entry.rooms, event);
      return answer;
    } finally {
      entry.readCount -= 1;
      if (entry.readCount === 0) entry.heardMeanwhile.length = 0;
    }
  }
}

function learn({ rooms }: UserEntry, membership: Membership): void {
  const known = rooms.get(membership.roomId);
  if (known === undefined || known.version <= membership.version) rooms.set(membership.roomId, membership);
}

function applyEvent(rooms: Map<RoomId, Membership>, { event, roomId, role, version }: MembershipChange): void {
  const known = rooms.get(roomId);
  if (known === undefined || known.version >= version) return;
  switch (event) {
    case 'MEMBER_REMOVED':
      rooms.delete(roomId);
      break;
    case 'ROLE_CHANGED':
      rooms.set(roomId, { ...known, role: role ?? known.role, version });
      break;
    case 'ROOM_ARCHIVED':
      rooms.set(roomId, { ...known, roomStatus: 'ARCHIVED' }); // its version is no word on who is a member: a removal before it may come later
      break;
    default: // a room made or renamed, a member added: nothing that is kept here changes
      break;
  }
}

function newEntry(): UserEntry {
  return { sessionCount: 0, rooms: new Map(), loading: null, readCount: 0, heardMeanwhile: [] };
}
