import {
  asRoomId,
  asUserId,
  type PresenceEventDTO,
  type RoomEventDTO,
  type RoomPresenceDTO,
  type UserId,
  type UserPresenceDTO,
} from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PresenceWindows, type PresenceEffect, type PresenceLimits } from './presence-windows.ts';
import { RoomWatch } from './room-watch.ts';

const room = asRoomId(7);
const at = '2025-04-29T15:23:00Z';
const TICK_MS = 50;

interface Step {
  readonly waitMs: number;
  readonly userId: number;
  /** Whether a change of membership is heard of as an event of the room before it is as one of presence. */
  readonly isRoomFirst: boolean;
  readonly what: 'toggle' | 'reconnect' | 'join' | 'leave' | 'repeat' | 'subscribe' | 'news';
}

const step: fc.Arbitrary<Step> = fc.record({
  waitMs: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 5 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2_500 }) },
  ),
  userId: fc.integer({ min: 1, max: 25 }),
  isRoomFirst: fc.boolean(),
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constant('toggle' as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('reconnect' as const, 'join' as const, 'leave' as const, 'repeat' as const),
    },
    { weight: 1, arbitrary: fc.constantFrom('subscribe' as const, 'news' as const) },
  ),
});
const limits: fc.Arbitrary<PresenceLimits> = fc.record({
  intervalMs: fc.constantFrom(100, 1_000, 2_000),
  maxSingleOnline: fc.integer({ min: 1, max: 12 }),
  maxEventsPerInterval: fc.integer({ min: 1, max: 6 }),
  maxUsersPerFrame: fc.constant(12),
});

/** What a client knows by the rules of RoomPresenceDTO, and when it was told something. */
class Client {
  readonly users = new Map<UserId, { isOnline: boolean; version: number }>();
  readonly toldAt: number[] = [];
  isComplete = false;
  count = 0;

  hear(frame: RoomPresenceDTO | UserPresenceDTO, now: number | null): void {
    if (now !== null) this.toldAt.push(now);
    if ('id' in frame) return this.#learn(frame);
    if (frame.kind === 'STATE') this.users.clear();
    if (frame.kind === 'STATE') this.isComplete = false;
    if (frame.isComplete === true) this.isComplete = true;
    this.count = frame.onlineCount;
    for (const user of frame.users) this.#learn(user);
  }

  /** Nothing that is told is older than what was told before. */
  #learn({ id, isOnline, version = 0, event }: UserPresenceDTO): void {
    expect(version).toBeGreaterThanOrEqual(this.users.get(id)?.version ?? 0);
    if (event === 'LEFT') this.users.delete(id);
    else this.users.set(id, { isOnline, version });
  }
}

/** Frames within any span of one interval: a large room has one a window; two windows meet in a span. */
const mostWithinAnInterval = ({ maxEventsPerInterval }: PresenceLimits) => 2 * (maxEventsPerInterval + 1);

/** The most that a client was told within a span that is shorter than `spanMs`. */
function busiest(toldAt: readonly number[], spanMs: number): number {
  let most = 0;
  let from = 0;
  for (const [to, now] of toldAt.entries()) {
    while ((toldAt[from] ?? now) <= now - spanMs) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** A room whose members come and go, told to clients that subscribe at any time. */
function simulate(steps: readonly Step[], ofRoom: PresenceLimits) {
  const watch = new RoomWatch();
  watch.hold(room);
  const members = new Set(Array.from({ length: 20 }, (_, index) => asUserId(index + 1)));
  const truth = new Map<UserId, { isOnline: boolean; version: number }>();
  watch.loaded(room, { version: 1, memberIds: [...members] });
  watch.learn(new Map([...members].map((id) => [id, -1])), new Map(), { isWhole: true });
  const windows = new PresenceWindows(watch, ofRoom);
  const clients: Client[] = [];
  /** Events of the room that come behind what presence says of them. */
  const late: RoomEventDTO[] = [];
  let roomVersion = 1;
  let now = 0;

  const tell = (effects: readonly PresenceEffect[]) => {
    for (const effect of effects) {
      for (const client of clients) client.hear(effect.do === 'tell-room' ? effect.presence : effect.change, now);
    }
  };
  const pass = (ms: number) => {
    for (const end = now + ms; now < end;) {
      now = Math.min(end, now + TICK_MS - (now % TICK_MS));
      if (now % TICK_MS === 0) tell(windows.advance(now));
    }
  };
  const subscribe = () => {
    const client = new Client();
    client.hear(windows.stateOf(room), null);
    windows.noteStateTold(room);
    clients.push(client);
  };
  const announce = (userId: UserId, event: PresenceEventDTO['event'], isOnline: boolean) => {
    const version = (truth.get(userId)?.version ?? 0) + 1;
    truth.set(userId, { isOnline, version });
    const about = event === 'JOINED' || event === 'LEFT' ? { roomId: room } : {};
    tell(windows.note(watch.apply({ userId, event, isOnline, at, version, ...about }), now));
  };
  const catchUp = () => {
    for (const event of late.splice(0)) watch.applyRoomEvent(event);
  };
  const changeMembers = (userId: UserId, isAdded: boolean, isRoomFirst: boolean) => {
    if (members.has(userId) === isAdded) return;
    if (isAdded) members.add(userId);
    else members.delete(userId);
    roomVersion += 1;
    const event = isAdded ? 'MEMBER_ADDED' : 'MEMBER_REMOVED';
    const roomEvent = { roomId: room, userId, event, version: roomVersion, at } as const;
    late.push(roomEvent);
    if (isRoomFirst) catchUp();
    announce(userId, isAdded ? 'JOINED' : 'LEFT', truth.get(userId)?.isOnline === true);
  };
  const happen = ({ userId: id, what, isRoomFirst }: Step) => {
    const userId = asUserId(id);
    const isOnline = truth.get(userId)?.isOnline === true;
    if (what === 'toggle') announce(userId, isOnline ? 'OFFLINE' : 'ONLINE', !isOnline);
    if (what === 'reconnect' && isOnline) announce(userId, 'RECONNECTED', true);
    if (what === 'join' || what === 'leave') changeMembers(userId, what === 'join', isRoomFirst);
    if (what === 'repeat')
      tell(windows.note(watch.apply({ userId, event: 'ONLINE', isOnline: true, at, version: 0 }), now));
    if (what === 'subscribe') subscribe();
    if (what === 'news') windows.noteNews(room, now);
  };

  subscribe();
  for (const each of steps) {
    pass(each.waitMs);
    if (each.waitMs > 0) catchUp();
    happen(each);
  }
  catchUp();
  pass(10 * ofRoom.intervalMs);
  windows.noteNews(room, now);
  pass(2 * ofRoom.intervalMs);
  const online = [...members].filter((userId) => truth.get(userId)?.isOnline === true);
  return { clients, online, windows };
}

describe('presence of a room, over any schedule of its members', () => {
  it('is told within the bound, never older than before, and is right in the end', () => {
    let largeCount = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), limits, (steps, ofRoom) => {
        const { clients, online, windows } = simulate(steps, ofRoom);
        if (windows.isLarge(room)) largeCount += 1;
        for (const { users, toldAt, isComplete, count } of clients) {
          expect(busiest(toldAt, ofRoom.intervalMs)).toBeLessThanOrEqual(mostWithinAnInterval(ofRoom));
          expect(count).toBe(online.length);
          const known = [...users].filter(([, { isOnline }]) => isOnline).map(([userId]) => userId);
          if (isComplete) expect(known.sort()).toEqual(online.toSorted());
          else for (const userId of known) expect(online).toContain(userId);
        }
        expect(windows.isEmpty).toBe(true);
      }),
      { numRuns: 1_000 },
    );
    expect(largeCount).toBeGreaterThan(50);
  });

  it('is one frame an interval at most in a room that stays large', () => {
    const large = { intervalMs: 1_000, maxSingleOnline: -1, maxEventsPerInterval: 100, maxUsersPerFrame: 12 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), (steps) => {
        for (const { toldAt } of simulate(steps, large).clients) expect(busiest(toldAt, 1_000)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });
});
