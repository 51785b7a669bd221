import { asRoomId, asUserId, type RoomId, type UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type {
  OutboxEntry,
  PendingLastSeen,
  PresenceChange,
  PresenceCondition,
  PresenceState,
  SessionEntry,
  ShardSight,
  StepAddress,
  UserSnapshot,
} from './presence-change.ts';

/** A snapshot, and what Redis must still hold when the step decided from it is applied. */
export interface LoadedUser {
  readonly snapshot: UserSnapshot;
  readonly expected: {
    readonly state: string;
    readonly version: string;
    readonly session: string;
    readonly sessionCount: number;
  };
}

const STATES: readonly string[] = ['ONLINE', 'GRACE', 'OFFLINE'] satisfies PresenceState[];

/** Reads the answer of `load-user`; null where the caller no longer owns the shard. */
export function decodeUser(answer: unknown): LoadedUser | null {
  if (answer === 0) return null;
  const [state, version, session, count, room, endedAt, isAlive, now, holdEnd] = texts(answer, 9);
  const sessionCount = number(count);
  return {
    expected: { state: text(state), version: text(version), session: text(session), sessionCount },
    snapshot: {
      state: STATES.includes(text(state)) ? (text(state) as PresenceState) : 'UNKNOWN', // just found among them
      session: text(session) === '' ? null : decodeSession(text(session)),
      activeRoomId: text(room) === '' ? null : asRoomId(number(room)),
      sessionCount,
      hasEnded: text(endedAt) !== '',
      isGatewayAlive: text(isAlive) === '1',
      holdMs: Math.max(0, number(holdEnd) - number(now)),
    },
  };
}

/** One live session, as the hash `websocket:user:{userId}` holds it. */
export function encodeSession({ gatewayId, at }: SessionEntry): string {
  return JSON.stringify({ gatewayId, at });
}

function decodeSession(json: string): SessionEntry {
  const { gatewayId, at } = JSON.parse(json) as Partial<SessionEntry>; // only what is checked below
  if (typeof gatewayId !== 'string' || typeof at !== 'string') throw broken('a session');
  return { gatewayId, at };
}

/** A decided step as `apply-change` takes it: what is absent stays as it is. */
export function encodeStep(
  address: StepAddress,
  loaded: LoadedUser,
  change: PresenceChange,
  condition: PresenceCondition | null,
): string {
  const { session, activeRoomId, deadline, state, announces } = change;
  return JSON.stringify({
    userId: String(address.userId),
    sessionId: address.sessionId,
    expected: loaded.expected,
    ...(condition !== null && { requires: condition }),
    ...(session === 'REMOVED' && { removesSession: true }),
    ...(typeof session === 'object' && { session: encodeSession(session), gatewayId: session.gatewayId }),
    ...(change.leavesGatewayId !== undefined && { leaves: true }),
    ...(activeRoomId === null && { removesActiveRoom: true }),
    ...(typeof activeRoomId === 'number' && { activeRoomId: String(activeRoomId) }),
    ...(change.endsSession && { endsSession: true }),
    ...(typeof deadline === 'number' && { deadlineAfterMs: deadline }),
    ...(deadline === 'CLEARED' && { clearsDeadline: true }),
    ...(state !== undefined && { state: state.name, since: state.since }),
    ...(announces !== undefined && {
      event: announces.event,
      at: announces.at,
      isOnline: announces.event === 'OFFLINE' ? '0' : '1',
    }),
    lastSeen: change.seenRooms.map(({ roomId, seenAtMs }) => ({ roomId: String(roomId), at: seenAtMs })),
  });
}

/** Reads the answer of `look-at-shard`; null where the caller no longer owns the shard. */
export function decodeSight(answer: unknown): ShardSight | null {
  if (answer === 0) return null;
  if (!Array.isArray(answer) || answer.length !== 5) throw broken('a shard');
  const [holdEnd, lapsed, due, gatewayIds, waits] = answer as unknown[]; // an array, as just seen
  const pairs = texts(lapsed);
  return {
    isHolding: number(holdEnd) > 0,
    lapsedGateways: pairs.flatMap((gatewayId, index) =>
      index % 2 === 0 ? [{ gatewayId: text(gatewayId), aliveAtMs: number(pairs[index + 1]) }] : [],
    ),
    overdueUserIds: texts(due).map((userId) => asUserId(number(userId))),
    gatewayIds: texts(gatewayIds).map(text),
    nextDeadlineMs: waits === '' ? null : number(waits),
  };
}

/** One entry of a shard's outbox. */
export function decodeOutboxEntry(id: string, fields: readonly string[]): OutboxEntry {
  const value = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) value.set(text(fields[at]), text(fields[at + 1]));
  const room = value.get('roomId');
  return {
    id,
    userId: asUserId(number(value.get('userId'))),
    event: text(value.get('event')),
    isOnline: value.get('isOnline') === '1',
    roomId: room === undefined ? null : asRoomId(number(room)),
    at: text(value.get('at')),
    version: number(value.get('version')),
  };
}

/** Field of a waiting last seen time. */
export function lastSeenField(userId: UserId, roomId: RoomId): string {
  return `${userId}:${roomId}`;
}

export function decodeLastSeen(field: string, value: string): PendingLastSeen {
  const [userId, roomId] = field.split(':');
  return { userId: asUserId(number(userId)), roomId: asRoomId(number(roomId)), seenAtMs: number(value) };
}

/** The user and the session in a member of a gateway's set; session ids may hold spaces, user ids do not. */
export function decodeGatewaySession(member: string): { userId: UserId; sessionId: string } {
  const space = member.indexOf(' ');
  if (space < 1) throw broken('a session of a gateway');
  return { userId: asUserId(number(member.slice(0, space))), sessionId: member.slice(space + 1) };
}

function texts(answer: unknown, length?: number): unknown[] {
  if (!Array.isArray(answer) || (length !== undefined && answer.length !== length)) throw broken('an answer');
  return answer;
}

function text(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw broken('a text');
  return value;
}

function number(value: unknown): number {
  const parsed = Number(text(value));
  if (text(value) === '' || !Number.isFinite(parsed)) throw broken('a number');
  return parsed;
}

function broken(what: string): ChatError {
  return new ChatError('INTERNAL', { message: `Redis holds ${what} in a shape that this version does not know.` });
}
