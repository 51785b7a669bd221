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

/** Who is told which rooms somebody here belongs to; a room as often as it has members here. */
export interface HeldRooms {
  hold(roomId: RoomId): void;
  release(roomId: RoomId): void;
}

/** Where all rooms come here, whoever needs them. */
const HELD_ANYWAY: HeldRooms = { hold: () => {}, release: () => {} };

interface UserEntry {
  sessionCount: number;
  readonly rooms: Map<RoomId, Membership>;
  /** When the database was asked that said so last, by `performance.now()`. */
  readonly askedAt: Map<RoomId, number>;
  /** Whether it is in the index: its rooms are held then. */
  isHere: boolean;
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
  readonly #held: HeldRooms;
  readonly #users = new Map<UserId, UserEntry>();

  constructor(source: MembershipSource, held: HeldRooms = HELD_ANYWAY) {
    this.#source = source;
    this.#held = held;
  }

  /** Counts a session of the user in; resolves once the user's rooms are known. */
  async enter(userId: UserId): Promise<void> {
    const entry = this.#users.get(userId) ?? newEntry();
    this.#users.set(userId, entry);
    entry.isHere = true;
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
    if (entry.sessionCount > 0) return;
    this.#users.delete(userId);
    entry.isHere = false;
    for (const roomId of entry.rooms.keys()) this.#held.release(roomId);
  }

  /** The membership as memory has it; undefined means only that memory does not know. */
  peek(roomId: RoomId, userId: UserId): Membership | undefined {
    return this.#users.get(userId)?.rooms.get(roomId);
  }

  /** The rooms of a user with a session here, as memory has them. */
  roomsOf(userId: UserId): Iterable<RoomId> {
    return this.#users.get(userId)?.rooms.keys() ?? [];
  }

  /** Whether memory has the membership, and by an answer to what was asked at `since` or later. */
  isKnownSince(roomId: RoomId, userId: UserId, since: number): boolean {
    return (this.#users.get(userId)?.askedAt.get(roomId) ?? -Infinity) >= since;
  }

  /** The membership, from memory or else the database. Rejects with NOT_A_MEMBER, ROOM_NOT_FOUND or UNAVAILABLE. */
  async find(roomId: RoomId, userId: UserId): Promise<Membership> {
    return this.peek(roomId, userId) ?? (await this.findStored(roomId, userId));
  }

  /** The same from the database, whatever memory has. */
  async findStored(roomId: RoomId, userId: UserId): Promise<Membership> {
    const entry = this.#users.get(userId) ?? newEntry();
    const { membership, isVisible } = await this.#read(
      entry,
      () => this.#source.findAccess(roomId, userId),
      (access, askedAt) => {
        if (access.membership === null) this.#drop(entry, roomId);
        else this.#learn(entry, access.membership, askedAt);
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
    this.#applyEvent(entry, event);
  }

  readonly #load = async (userId: UserId, entry: UserEntry): Promise<void> => {
    await this.#read(
      entry,
      () => this.#source.listMembershipsOf(userId),
      (memberships, askedAt) => {
        for (const membership of memberships) this.#learn(entry, membership, askedAt);
      },
    );
  };

  async #read<Answer>(
    entry: UserEntry,
    ask: () => Promise<Answer>,
    take: (answer: Answer, askedAt: number) => void,
  ): Promise<Answer> {
    entry.readCount += 1;
    const askedAt = performance.now();
    try {
      const answer = await ask();
      take(answer, askedAt);
      for (const event of entry.heardMeanwhile) this.#applyEvent(entry, event);
      return answer;
    } finally {
      entry.readCount -= 1;
      if (entry.readCount === 0) entry.heardMeanwhile.length = 0;
    }
  }

  #learn(entry: UserEntry, membership: Membership, askedAt: number): void {
    const { roomId } = membership;
    const known = entry.rooms.get(roomId);
    if (known !== undefined && known.version > membership.version) return;
    entry.rooms.set(roomId, membership);
    entry.askedAt.set(roomId, askedAt);
    if (known === undefined && entry.isHere) this.#held.hold(roomId);
  }

  #drop(entry: UserEntry, roomId: RoomId): void {
    entry.askedAt.delete(roomId);
    if (entry.rooms.delete(roomId) && entry.isHere) this.#held.release(roomId);
  }

  #applyEvent(entry: UserEntry, { event, roomId, role, version }: MembershipChange): void {
    const known = entry.rooms.get(roomId);
    if (known === undefined || known.version >= version) return;
    switch (event) {
      case 'MEMBER_REMOVED':
        this.#drop(entry, roomId);
        break;
      case 'ROLE_CHANGED':
        entry.rooms.set(roomId, { ...known, role: role ?? known.role, version });
        break;
      case 'ROOM_ARCHIVED':
        entry.rooms.set(roomId, { ...known, roomStatus: 'ARCHIVED' }); // its version is no word on who is a member: a removal before it may come later
        break;
      default: // a room made or renamed, a member added: nothing that is kept here changes
        break;
    }
  }
}

function newEntry(): UserEntry {
  return {
    sessionCount: 0,
    rooms: new Map(),
    askedAt: new Map(),
    isHere: false,
    loading: null,
    readCount: 0,
    heardMeanwhile: [],
  };
}
