import type { RoomId, UserId } from '@chat/dto';

/**
 * What is known of a user: a live session, the last one lost within the grace, none; UNKNOWN where Redis holds nothing,
 * which is the same as none unless hold-fire goes on.
 */
export type PresenceState = 'ONLINE' | 'GRACE' | 'OFFLINE' | 'UNKNOWN';

/** A live session: where it is, and when its gateway last spoke of it (ISO-8601). */
export interface SessionEntry {
  readonly gatewayId: string;
  readonly at: string;
}

/** All that a step of a user's presence is decided from; `session` is the one that the step is about. */
export interface UserSnapshot {
  readonly state: PresenceState;
  readonly session: SessionEntry | null;
  readonly activeRoomId: RoomId | null;
  /** Live sessions of the user, this one included. */
  readonly sessionCount: number;
  /** This session was closed or lost for good: it does not come back. */
  readonly hasEnded: boolean;
  /** Whether the lease of the event's gateway lives. */
  readonly isGatewayAlive: boolean;
  /** How long hold-fire still goes on, in ms; 0 where there is none. */
  readonly holdMs: number;
}

/** Up to when the user has seen a room, in Unix ms. */
export interface SeenRoom {
  readonly roomId: RoomId;
  readonly seenAtMs: number;
}

/** One step of a user's presence, decided. What is absent stays as it is. */
export interface PresenceChange {
  readonly state?: { readonly name: Exclude<PresenceState, 'UNKNOWN'>; readonly since: string };
  readonly session?: SessionEntry | 'REMOVED';
  /** The room that this session looks at from now on, null for none. */
  readonly activeRoomId?: RoomId | null;
  /** The session is over for good: a late OPENED does not revive it. */
  readonly endsSession?: true;
  /** The gateway whose set of sessions this one leaves. */
  readonly leavesGatewayId?: string;
  /** The grace begins and ends so much later, in ms, or there is none any more. */
  readonly deadline?: number | 'CLEARED';
  /** What the members of the user's rooms are told, with the user's next version. */
  readonly announces?: { readonly event: 'ONLINE' | 'OFFLINE' | 'RECONNECTED'; readonly at: string };
  readonly seenRooms: readonly SeenRoom[];
}

/** What must still be true when a step is applied, checked by Redis itself. */
export type PresenceCondition = 'LEASE_GONE' | 'DEADLINE_PASSED';

/** Which session of which user a step is about, and who may make it. */
export interface StepAddress {
  readonly shard: number;
  readonly generation: number;
  readonly userId: UserId;
  readonly sessionId: string;
  readonly gatewayId: string;
}

/** A presence event that waits in a shard's outbox. */
export interface OutboxEntry {
  readonly id: string;
  readonly userId: UserId;
  readonly event: string;
  readonly isOnline: boolean;
  readonly roomId: RoomId | null;
  readonly at: string;
  readonly version: number;
}

/** A last seen time that waits for Postgres. */
export interface PendingLastSeen extends SeenRoom {
  readonly userId: UserId;
}

/** What is due in a shard. */
export interface ShardSight {
  /** Whether hold-fire goes on: then nothing is due. */
  readonly isHolding: boolean;
  /** Gateways with sessions in this shard whose lease is gone, and when it was last found alive, in Unix ms. */
  readonly lapsedGateways: readonly { readonly gatewayId: string; readonly aliveAtMs: number }[];
  /** Users whose grace is over. */
  readonly overdueUserIds: readonly UserId[];
  /** All gateways with sessions in this shard. */
  readonly gatewayIds: readonly string[];
  /** Until the next grace ends, in ms; null where none is under way. */
  readonly nextDeadlineMs: number | null;
}
