import { asRoomId, asUserId, type PresenceEvent, type UserId } from '@chat/dto';
import { createMetricsRegistry } from '@chat/service-kit';
import { FrameParser, type StompFrame } from '@chat/stomp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveSession } from '../broker/live-session.ts';
import { NO_REPLAY } from '../broker/replay-request.ts';
import type { Subscription } from '../broker/requests.ts';
import { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { KnownPresence } from './known-presence.ts';
import { RoomPresence } from './room-presence.ts';
import { RoomWatch } from './room-watch.ts';
import { WatchedRooms } from './watched-rooms.ts';

const room = asRoomId(7);
const at = '2025-04-29T15:23:00Z';
const LIMITS = { intervalMs: 1_000, maxSingleOnline: 4, maxEventsPerInterval: 3, maxUsersPerFrame: 3 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A session that keeps what it is told of presence; while it is slow it takes nothing. */
function listener({ wantsAllUsers = false } = {}) {
  const bodies: Record<string, unknown>[] = [];
  const state = { isSlow: false };
  let taken = Promise.withResolvers<void>();
  const subscription: Subscription = {
    id: 'p',
    headerId: 'p',
    destination: '/topic/chat_rooms/7/presence',
    target: { kind: 'presence', roomId: room },
    unacknowledged: null,
    replay: NO_REPLAY,
    wantsAllUsers,
  };
  const take = (frame: Buffer) => {
    const parser = new FrameParser();
    parser.setVersion('1.2');
    parser.push(frame.subarray(frame[1] === 126 ? 4 : 2));
    bodies.push(JSON.parse(new TextDecoder().decode((parser.next() as StompFrame).body)) as Record<string, unknown>);
  };
  const session: LiveSession = {
    sessionId: 's',
    userId: asUserId(1),
    version: '1.2',
    receiver: {
      outboundBytes: 0,
      sendFramed: take,
      sendSheddable: (frame) => (state.isSlow ? false : (take(frame), true)),
      whenTaken: () => (state.isSlow ? taken.promise : null),
    },
    subscriptionTo: () => undefined,
    fail: () => {},
  };
  const read = () => {
    state.isSlow = false;
    taken.resolve();
    taken = Promise.withResolvers();
  };
  return { session, subscription, bodies, state, read };
}

/** A room of so many members, the first of whom are online in Redis. */
function scene(memberCount: number, onlineCount: number) {
  const watch = new RoomWatch();
  const memberIds = Array.from({ length: memberCount }, (_, index) => asUserId(index + 1));
  const online = memberIds.slice(0, onlineCount).map((id) => [id, { isOnline: true, version: 1, at }] as const);
  const redis = { isAway: false };
  const readPresence = () =>
    redis.isAway ? Promise.reject(new Error('away')) : Promise.resolve({ found: new Map(online), isWhole: true });
  const known = new KnownPresence({ watch, readPresence, now: () => Date.now() });
  const rooms = new WatchedRooms({ watch, known, loadMembers: () => Promise.resolve({ version: 1, memberIds }) });
  const presence = new RoomPresence({
    ...{ subscriptions: new SubscriptionRegistry(), watch, rooms, known, limits: LIMITS, maxBacklogBytes: 1_000 },
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
    now: () => Date.now(),
  });
  const subscribe = async (who: ReturnType<typeof listener>) => {
    await presence.prepare(who.session, room);
    await presence.open(who.session, who.subscription, room);
  };
  let version = 1;
  const happen = (userId: UserId, event: PresenceEvent) => {
    version += 1;
    presence.apply({ userId, event, isOnline: event !== 'OFFLINE', at, version });
  };
  return { watch, known, redis, presence, subscribe, happen };
}

const member = (id: number, isOnline: boolean) =>
  isOnline ? { id, isOnline, at, version: 1 } : { id, isOnline, version: 0 };

describe('who subscribes to presence', () => {
  it('has the state first, then each change', async () => {
    const { subscribe, happen } = scene(2, 1);
    const ada = listener();
    await subscribe(ada);
    happen(asUserId(2), 'ONLINE');
    expect(ada.bodies).toEqual([
      { roomId: 7, kind: 'STATE', onlineCount: 1, users: [member(1, true), member(2, false)], isComplete: true },
      { id: 2, isOnline: true, event: 'ONLINE', at, version: 2 },
    ]);
  });

  it('is told nothing of a change that the state has already', async () => {
    const { presence, subscribe } = scene(1, 1);
    const ada = listener();
    await subscribe(ada);
    presence.apply({ userId: asUserId(1), event: 'ONLINE', isOnline: true, at, version: 1 });
    expect(ada.bodies).toHaveLength(1);
  });

  it('has the number alone of a large room, and changes once an interval', async () => {
    const { subscribe, happen } = scene(6, 5);
    const ada = listener();
    await subscribe(ada);
    happen(asUserId(6), 'ONLINE');
    happen(asUserId(1), 'OFFLINE');
    expect(ada.bodies).toEqual([{ roomId: 7, kind: 'STATE', onlineCount: 5, users: [] }]);
    await vi.advanceTimersByTimeAsync(1_050);
    expect(ada.bodies[1]).toMatchObject({ kind: 'CHANGES', onlineCount: 5, users: [{ id: 6 }, { id: 1 }] });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ada.bodies).toHaveLength(2);
  });

  it('has all who are online where that is asked for, frame by frame, the last of which says so', async () => {
    const { subscribe } = scene(9, 7);
    const ada = listener({ wantsAllUsers: true });
    await subscribe(ada);
    const frames = ada.bodies.map(({ kind, users, isComplete }) => [kind, (users as []).length, isComplete]);
    expect(frames).toEqual([
      ['STATE', 3, undefined],
      ['CHANGES', 3, undefined],
      ['CHANGES', 1, true],
    ]);
  });

  it('is refused where it does not take what was sent before, and the room is let go', async () => {
    const { presence, watch } = scene(2, 1);
    const ada = listener();
    ada.state.isSlow = true;
    const refused = expect(presence.prepare(ada.session, room)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await vi.advanceTimersByTimeAsync(3_000);
    await refused;
    expect(watch.has(room)).toBe(false);
  });

  it('is told no more after it has left, and the room is forgotten with the last', async () => {
    const { presence, subscribe, happen, watch } = scene(6, 5);
    const ada = listener();
    await subscribe(ada);
    happen(asUserId(6), 'ONLINE');
    presence.unsubscribe(ada.session, ada.subscription, room);
    presence.unsubscribe(ada.session, ada.subscription, room);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ada.bodies).toHaveLength(1);
    expect(watch.has(room)).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a slow client', () => {
  it('misses changes, and is told the state once it takes it', async () => {
    const { subscribe, happen } = scene(3, 1);
    const ada = listener();
    await subscribe(ada);
    ada.state.isSlow = true;
    happen(asUserId(2), 'ONLINE');
    await vi.advanceTimersByTimeAsync(3_000);
    expect(ada.bodies).toHaveLength(1);
    ada.read();
    await vi.advanceTimersByTimeAsync(1_050);
    expect(ada.bodies).toHaveLength(2);
    expect(ada.bodies[1]).toMatchObject({ kind: 'STATE', onlineCount: 2, isComplete: true });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('while Redis is away', () => {
  it('the state says that it is stale; it is right, and says so, once Redis is back', async () => {
    const { known, redis, subscribe } = scene(2, 1);
    redis.isAway = true;
    known.noteAnswer(false);
    const ada = listener();
    await subscribe(ada);
    expect(ada.bodies[0]).toMatchObject({ kind: 'STATE', onlineCount: 0, isStale: true });
    redis.isAway = false;
    known.noteAnswer(true);
    await vi.advanceTimersByTimeAsync(1_050);
    expect(ada.bodies.slice(1)).toEqual([
      { roomId: 7, kind: 'CHANGES', onlineCount: 1, users: [{ ...member(1, true), event: 'ONLINE' }] },
    ]);
  });

  it('those who listen are told that what they know is stale', async () => {
    const { known, subscribe } = scene(2, 1);
    const ada = listener();
    await subscribe(ada);
    known.noteAnswer(false);
    await vi.advanceTimersByTimeAsync(1_050);
    expect(ada.bodies[1]).toEqual({ roomId: 7, kind: 'CHANGES', onlineCount: 1, users: [], isStale: true });
  });
});
