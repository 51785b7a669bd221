import type { PresenceEventDTO, RoomId, RoomPresenceDTO, UserId, UserPresenceDTO } from '@chat/dto';
import type { RoomChange, RoomWatch, UserPresence } from './room-watch.ts';

export interface PresenceLimits {
  /** Members online over which a room is a large one: what changes in it is told together, once an interval. */
  readonly maxSingleOnline: number;
  /** Events that are told one by one within an interval in a room that is not large; the rest is told together. */
  readonly maxEventsPerInterval: number;
  readonly intervalMs: number;
  /** Users in one frame; the others have theirs an interval later. */
  readonly maxUsersPerFrame: number;
}

/** What subscribers of a room are to be told, in this order. */
export type PresenceEffect =
  | { readonly do: 'tell-change'; readonly roomId: RoomId; readonly change: UserPresenceDTO }
  | { readonly do: 'tell-room'; readonly presence: RoomPresenceDTO };

/** Of a user in a room since the last word about both. */
interface Untold {
  readonly wasOnline: boolean;
  readonly firstMembership: PresenceEventDTO | null;
  readonly lastMembership: PresenceEventDTO | null;
  /** Whether somebody was told the state in between, so that a change back is news. */
  readonly wasToldBetween: boolean;
}

/** Begins with something to tell, and ends with the telling of what was not told at once. */
interface Window {
  endsAt: number;
  eventCount: number;
  readonly untold: Map<UserId, Untold>;
  /** Whether there is something to say even where no user has changed. */
  hasNews: boolean;
}

/** A room is no longer large at this share of its limit, so that it does not change to and fro. */
const SMALL_AGAIN_SHARE = 0.8;

/**
 * When which change of presence is told to the subscribers of a room: one by one, or together at the end of an interval, the
 * last state of each user alone, so that what went up and down within it is not told at all. Instants are in ms of a clock that
 * never goes back.
 */
export class PresenceWindows {
  readonly #watch: RoomWatch;
  readonly #limits: PresenceLimits;
  readonly #windows = new Map<RoomId, Window>();
  readonly #large = new Set<RoomId>();

  constructor(watch: RoomWatch, limits: PresenceLimits) {
    this.#watch = watch;
    this.#limits = limits;
  }

  /** Whether nothing will be told by itself. */
  get isEmpty(): boolean {
    return this.#windows.size === 0;
  }

  isLarge(roomId: RoomId): boolean {
    if (this.#watch.onlineCountIn(roomId) > this.#limits.maxSingleOnline) this.#large.add(roomId);
    return this.#large.has(roomId);
  }

  /** Nobody here listens to the room any more. */
  forget(roomId: RoomId): void {
    this.#windows.delete(roomId);
    this.#large.delete(roomId);
  }

  note(changes: readonly RoomChange[], now: number): readonly PresenceEffect[] {
    return changes.flatMap((change) => this.#note(change, now));
  }

  /** There is something to tell in the room that no change says, at the end of an interval. */
  noteNews(roomId: RoomId, now: number): void {
    this.#windowOf(roomId, now).hasNews = true;
  }

  /** Somebody was told what is so now: of what is untold all is told to all, also where it changes back. */
  noteStateTold(roomId: RoomId): void {
    const untold = this.#windows.get(roomId)?.untold ?? new Map<UserId, Untold>();
    for (const [userId, known] of untold) untold.set(userId, { ...known, wasToldBetween: true });
  }

  /** What is due by now. */
  advance(now: number): readonly PresenceEffect[] {
    return [...this.#windows].flatMap(([roomId, window]) =>
      now < window.endsAt ? [] : this.#end(roomId, window, now),
    );
  }

  #note(change: RoomChange, now: number): readonly PresenceEffect[] {
    const { roomId, userId, event } = change;
    const window = this.#windowOf(roomId, now);
    const isFull = window.untold.size > 0 || window.eventCount >= this.#limits.maxEventsPerInterval;
    if (this.isLarge(roomId) || isFull || event === null) {
      window.untold.set(userId, untoldWith(window.untold.get(userId), change));
      return [];
    }
    window.eventCount += 1;
    return [{ do: 'tell-change', roomId, change: toldAs(event) }];
  }

  #windowOf(roomId: RoomId, now: number): Window {
    const known = this.#windows.get(roomId);
    if (known !== undefined) return known;
    const window = { endsAt: now + this.#limits.intervalMs, eventCount: 0, untold: new Map(), hasNews: false };
    this.#windows.set(roomId, window);
    return window;
  }

  #end(roomId: RoomId, window: Window, now: number): readonly PresenceEffect[] {
    const users = this.#takeUntold(roomId, window.untold);
    if (window.untold.size === 0) this.#windows.delete(roomId);
    else window.endsAt = now + this.#limits.intervalMs;
    window.eventCount = 0;
    const onlineCount = this.#watch.onlineCountIn(roomId);
    if (this.#isSmallAgain(roomId, onlineCount)) {
      this.forget(roomId);
      return [{ do: 'tell-room', presence: this.stateOf(roomId) }];
    }
    const hasNews = window.hasNews || users.length > 0;
    window.hasNews = false;
    return hasNews ? [{ do: 'tell-room', presence: { roomId, kind: 'CHANGES', onlineCount, users } }] : [];
  }

  #isSmallAgain(roomId: RoomId, onlineCount: number): boolean {
    return this.#large.has(roomId) && onlineCount <= this.#limits.maxSingleOnline * SMALL_AGAIN_SHARE;
  }

  /** Of as many as fit into a frame, those who are not what they were when they were told last. */
  #takeUntold(roomId: RoomId, untold: Map<UserId, Untold>): UserPresenceDTO[] {
    const users: UserPresenceDTO[] = [];
    for (const [userId, known] of untold) {
      if (users.length === this.#limits.maxUsersPerFrame) break;
      untold.delete(userId);
      const change = this.#differenceOf(roomId, userId, known);
      if (change !== null) users.push(change);
    }
    return users;
  }

  #differenceOf(roomId: RoomId, userId: UserId, untold: Untold): UserPresenceDTO | null {
    const { wasOnline, firstMembership, lastMembership, wasToldBetween } = untold;
    const presence = this.#watch.presenceOf(userId) ?? presenceIn(lastMembership);
    if (lastMembership !== null && (wasToldBetween || lastMembership.event === firstMembership?.event)) {
      return { ...userPresenceOf(userId, presence), event: lastMembership.event };
    }
    const isNews = wasToldBetween || presence.isOnline !== wasOnline;
    if (!isNews || !this.#watch.isMember(roomId, userId)) return null;
    return { ...userPresenceOf(userId, presence), event: presence.isOnline ? 'ONLINE' : 'OFFLINE' };
  }

  /**
   * All that is to be said of the room now: of each member in a room with few, else of those who are online, and in a large
   * room how many they are.
   */
  stateOf(roomId: RoomId): RoomPresenceDTO {
    const onlineCount = this.#watch.onlineCountIn(roomId);
    const state = { roomId, kind: 'STATE', onlineCount } as const;
    if (this.isLarge(roomId)) return { ...state, users: [] };
    const isShort = this.#watch.memberCountOf(roomId) <= this.#limits.maxSingleOnline;
    const userIds = isShort ? this.#watch.membersOf(roomId) : this.#watch.onlineIn(roomId);
    return { ...state, users: this.usersOf([...userIds]), isComplete: true };
  }

  /** Presence as it is known of each. */
  usersOf(userIds: readonly UserId[]): UserPresenceDTO[] {
    return userIds.map((userId) => userPresenceOf(userId, this.#watch.presenceOf(userId) ?? presenceIn(null)));
  }
}

function untoldWith(before: Untold | undefined, { wasOnline, event }: RoomChange): Untold {
  const membership = event?.roomId === undefined ? null : event;
  return {
    wasOnline: before?.wasOnline ?? wasOnline,
    firstMembership: before?.firstMembership ?? membership,
    lastMembership: membership ?? before?.lastMembership ?? null,
    wasToldBetween: before?.wasToldBetween ?? false,
  };
}

function presenceIn(event: PresenceEventDTO | null): UserPresence {
  return event ?? { isOnline: false, version: 0, at: null };
}

function userPresenceOf(id: UserId, { isOnline, version, at }: UserPresence): UserPresenceDTO {
  return { id, isOnline, ...(at !== null && { at }), version };
}

function toldAs({ userId, isOnline, event, at, version }: PresenceEventDTO): UserPresenceDTO {
  return { id: userId, isOnline, event, at, version };
}
