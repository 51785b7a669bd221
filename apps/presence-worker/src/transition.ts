import type { RoomId } from '@chat/dto';
import type { PresenceChange, SeenRoom, UserSnapshot } from './presence-change.ts';

/** What can happen to a user's presence. Instants are ISO-8601. */
export type PresenceInput =
  | {
      readonly kind: 'OPENED';
      readonly gatewayId: string;
      readonly activeRoomId: RoomId | null;
      readonly exitedRoomIds: readonly RoomId[];
      readonly at: string;
    }
  | { readonly kind: 'CLOSED' | 'LOST'; readonly exitedRoomIds: readonly RoomId[]; readonly at: string }
  /** The lease of the session's gateway lapsed; it was last found alive at `at`. */
  | { readonly kind: 'GATEWAY_LAPSED'; readonly gatewayId: string; readonly at: string }
  | { readonly kind: 'GRACE_OVER'; readonly at: string };

/**
 * The presence rules (DESIGN §5.6): what one event changes for a user, null for nothing. Safe against events that come twice,
 * late or in another order: a session that ended does not come back, an OPENED older than the last of its gateway changes
 * nothing, and a gateway whose lease is gone has no say. That alone decides between two gateways: a process takes another id
 * only when the lease of its last one is gone, and its clock may have been set back meanwhile. Nobody goes OFFLINE at once
 * during hold-fire, for the absence of other sessions proves nothing.
 */
export function transition(before: UserSnapshot, input: PresenceInput, graceMs: number): PresenceChange | null {
  switch (input.kind) {
    case 'OPENED':
      return opened(before, input);
    case 'CLOSED':
    case 'LOST':
      return ended(before, input, graceMs);
    case 'GATEWAY_LAPSED':
      return gatewayLapsed(before, input, graceMs);
    case 'GRACE_OVER':
      return graceOver(before, input.at);
  }
}

function opened(before: UserSnapshot, input: PresenceInput & { kind: 'OPENED' }): PresenceChange | null {
  const exited = seenAt(input.at, input.exitedRoomIds);
  const { session, activeRoomId, state } = before;
  const isOlder = session?.gatewayId === input.gatewayId && Date.parse(input.at) < Date.parse(session.at);
  if (before.hasEnded || !before.isGatewayAlive || isOlder) return exited.length > 0 ? { seenRooms: exited } : null;
  const hasSwitched = activeRoomId !== input.activeRoomId;
  const moved = session !== null && session.gatewayId !== input.gatewayId;
  return {
    session: { gatewayId: input.gatewayId, at: input.at },
    ...(moved && { leavesGatewayId: session.gatewayId }),
    ...(hasSwitched && { activeRoomId: input.activeRoomId }),
    ...(state !== 'ONLINE' && {
      state: { name: 'ONLINE', since: input.at },
      deadline: 'CLEARED',
      announces: { event: state === 'GRACE' ? 'RECONNECTED' : 'ONLINE', at: input.at },
    }),
    seenRooms: hasSwitched ? seenAt(input.at, [...input.exitedRoomIds, ...activeRoomOf(before)]) : exited,
  };
}

function ended(
  before: UserSnapshot,
  input: PresenceInput & { kind: 'CLOSED' | 'LOST' },
  graceMs: number,
): PresenceChange {
  return {
    endsSession: true,
    ...withoutSession(before),
    ...(wasLast(before) &&
      (input.kind === 'LOST' || before.holdMs > 0 ? grace(before, input.at, graceMs) : offline(input.at))),
    seenRooms: seenAt(input.at, [...input.exitedRoomIds, ...activeRoomOf(before)]),
  };
}

/** A session whose gateway lapsed may come back: its gateway may only have been frozen. So it does not count as ended. */
function gatewayLapsed(
  before: UserSnapshot,
  { gatewayId, at }: PresenceInput & { kind: 'GATEWAY_LAPSED' },
  graceMs: number,
): PresenceChange {
  if (before.session?.gatewayId !== gatewayId) return { leavesGatewayId: gatewayId, seenRooms: [] };
  return {
    ...withoutSession(before),
    ...(wasLast(before) && grace(before, at, graceMs)),
    seenRooms: seenAt(laterOf(at, before.session.at), activeRoomOf(before)),
  };
}

function graceOver(before: UserSnapshot, at: string): PresenceChange {
  if (before.state !== 'GRACE' || before.sessionCount > 0) return { deadline: 'CLEARED', seenRooms: [] };
  return { ...offline(at), seenRooms: [] };
}

function withoutSession({ session, activeRoomId }: UserSnapshot): Partial<PresenceChange> {
  return {
    ...(session !== null && { session: 'REMOVED', leavesGatewayId: session.gatewayId }),
    ...(activeRoomId !== null && { activeRoomId: null }),
  };
}

/**
 * Whether no live session is left while the user counts as online. Of a user of whom Redis knows nothing this can be said
 * only during hold-fire, when the knowledge was lost; at other times such a user was never online.
 */
function wasLast({ session, sessionCount, state, holdMs }: UserSnapshot): boolean {
  if (session !== null) return sessionCount === 1;
  return sessionCount === 0 && (state === 'ONLINE' || (state === 'UNKNOWN' && holdMs > 0));
}

function grace({ holdMs }: UserSnapshot, at: string, graceMs: number): Partial<PresenceChange> {
  return { state: { name: 'GRACE', since: at }, deadline: Math.max(graceMs, holdMs) };
}

function offline(at: string): Partial<PresenceChange> {
  return { state: { name: 'OFFLINE', since: at }, deadline: 'CLEARED', announces: { event: 'OFFLINE', at } };
}

function activeRoomOf({ activeRoomId }: UserSnapshot): RoomId[] {
  return activeRoomId === null ? [] : [activeRoomId];
}

function seenAt(at: string, roomIds: readonly RoomId[]): SeenRoom[] {
  const seenAtMs = Date.parse(at);
  return [...new Set(roomIds)].map((roomId) => ({ roomId, seenAtMs }));
}

function laterOf(one: string, other: string): string {
  return Date.parse(one) >= Date.parse(other) ? one : other;
}
