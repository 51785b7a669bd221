import { asRoomId, type RoomId } from '@chat/dto';
import type { PresenceChange, PresenceState, SessionEntry, UserSnapshot } from './presence-change.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transition, type PresenceInput } from './transition.ts';

const SCHEDULES = 10_000;
const GRACE_MS = 10;
const SESSIONS = ['s1', 's2', 's3'] as const;
const GATEWAYS = ['g1', 'g2'] as const;

type SessionName = (typeof SESSIONS)[number];
type GatewayName = (typeof GATEWAYS)[number];
type Move =
  | { readonly do: 'OPENED'; session: SessionName; gateway: GatewayName; room: RoomId | null; exited: RoomId[] }
  | { readonly do: 'CLOSED' | 'LOST'; session: SessionName; exited: RoomId[] }
  | { readonly do: 'LAPSE'; gateway: GatewayName }
  | { readonly do: 'WAIT'; ms: number };

const ROOMS = [1, 2, 3].map(asRoomId);
const exited = fc.uniqueArray(fc.constantFrom(...ROOMS), { maxLength: 2 });

const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('OPENED' as const),
      session: fc.constantFrom(...SESSIONS),
      gateway: fc.constantFrom(...GATEWAYS),
      room: fc.constantFrom(null, ...ROOMS),
      exited,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('CLOSED' as const, 'LOST' as const),
      session: fc.constantFrom(...SESSIONS),
      exited,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('LAPSE' as const), gateway: fc.constantFrom(...GATEWAYS) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('WAIT' as const), ms: fc.integer({ min: 1, max: 15 }) }) },
);

/** What Redis keeps of one user, in memory: applies what `transition` decides. */
class StoredUser {
  state: PresenceState = 'UNKNOWN';
  readonly sessions = new Map<string, SessionEntry>();
  readonly activeRooms = new Map<string, RoomId>();
  readonly ended = new Set<string>();
  readonly lastSeen = new Map<RoomId, number>();
  readonly announced: string[] = [];
  deadline: number | null = null;

  snapshot(sessionId: string, isGatewayAlive: boolean): UserSnapshot {
    return {
      state: this.state,
      session: this.sessions.get(sessionId) ?? null,
      activeRoomId: this.activeRooms.get(sessionId) ?? null,
      sessionCount: this.sessions.size,
      hasEnded: this.ended.has(sessionId),
      isGatewayAlive,
      holdMs: 0,
    };
  }

  apply(sessionId: string, change: PresenceChange | null, now: number): void {
    if (change === null) return;
    if (change.session === 'REMOVED') this.sessions.delete(sessionId);
    else if (change.session !== undefined) this.sessions.set(sessionId, change.session);
    if (change.activeRoomId === null) this.activeRooms.delete(sessionId);
    else if (change.activeRoomId !== undefined) this.activeRooms.set(sessionId, change.activeRoomId);
    if (change.endsSession) this.ended.add(sessionId);
    if (change.deadline === 'CLEARED') this.deadline = null;
    else if (change.deadline !== undefined) this.deadline = now + change.deadline;
    if (change.state !== undefined) this.state = change.state.name;
    if (change.announces !== undefined) this.announced.push(change.announces.event);
    for (const { roomId, seenAtMs } of change.seenRooms) {
      this.lastSeen.set(roomId, Math.max(seenAtMs, this.lastSeen.get(roomId) ?? 0));
    }
  }
}

/**
 * The rules in the plainest words: which sessions live and where each looks, when the user was last lost, and when each room was
 * last left: by its exit, for another one, or with the session.
 */
class PlainModel {
  readonly live = new Map<SessionName, GatewayName>();
  readonly looksAt = new Map<SessionName, RoomId>();
  readonly leftAt = new Map<RoomId, number>();
  readonly ended = new Set<SessionName>();
  isOnline = false;
  graceEnd: number | null = null;
  readonly expected: string[] = [];

  open({ session, gateway, room, exited: rooms }: Move & { do: 'OPENED' }, now: number): void {
    this.#left(rooms, now);
    if (this.ended.has(session)) return;
    const before = this.looksAt.get(session);
    if (before !== undefined && before !== room) this.#left([before], now);
    if (room === null) this.looksAt.delete(session);
    else this.looksAt.set(session, room);
    this.live.set(session, gateway);
    if (!this.isOnline) this.expected.push('ONLINE');
    else if (this.graceEnd !== null) this.expected.push('RECONNECTED');
    this.isOnline = true;
    this.graceEnd = null;
  }

  end({ do: how, session, exited: rooms }: Move & { do: 'CLOSED' | 'LOST' }, now: number): void {
    this.#left(rooms, now);
    this.#lookAway(session, now);
    this.ended.add(session);
    if (!this.live.delete(session) || this.live.size > 0) return;
    if (how === 'CLOSED') this.#goOffline();
    else this.graceEnd = now + GRACE_MS;
  }

  lapse(gateway: GatewayName, now: number): void {
    const before = this.live.size;
    for (const [session, at] of this.live) {
      if (at !== gateway) continue;
      this.live.delete(session);
      this.#lookAway(session, now);
    }
    if (before > 0 && this.live.size === 0) this.graceEnd = now + GRACE_MS;
  }

  wait(now: number): void {
    if (this.graceEnd !== null && this.graceEnd <= now) this.#goOffline();
  }

  #lookAway(session: SessionName, now: number): void {
    const room = this.looksAt.get(session);
    if (room !== undefined) this.#left([room], now);
    this.looksAt.delete(session);
  }

  #left(rooms: readonly RoomId[], now: number): void {
    for (const room of rooms) this.leftAt.set(room, now);
  }

  #goOffline(): void {
    this.expected.push('OFFLINE');
    this.isOnline = false;
    this.graceEnd = null;
  }
}

/** Plays a schedule on both; every event is told `copies` times, as a log may hold it. */
function play(schedule: readonly Move[], copies: number) {
  const stored = new StoredUser();
  const model = new PlainModel();
  let now = 1_000;
  const tell = (sessionId: string, input: PresenceInput, times = copies) => {
    for (let copy = 0; copy < times; copy += 1) {
      stored.apply(sessionId, transition(stored.snapshot(sessionId, true), input, GRACE_MS), now);
    }
  };
  for (const move of schedule) {
    now += 1;
    const at = new Date(now).toISOString();
    if (move.do === 'OPENED') {
      const { gateway: gatewayId, room: activeRoomId, exited: exitedRoomIds } = move;
      tell(move.session, { kind: 'OPENED', gatewayId, activeRoomId, exitedRoomIds, at });
      model.open(move, now);
    } else if (move.do === 'LAPSE') {
      for (const session of SESSIONS) tell(session, { kind: 'GATEWAY_LAPSED', gatewayId: move.gateway, at });
      model.lapse(move.gateway, now);
    } else if (move.do === 'WAIT') {
      now += move.ms;
    } else {
      tell(move.session, { kind: move.do, exitedRoomIds: move.exited, at });
      model.end(move, now);
    }
    if (stored.deadline !== null && stored.deadline <= now) {
      tell('', { kind: 'GRACE_OVER', at: new Date(now).toISOString() });
    }
    model.wait(now);
  }
  return { stored, model };
}

describe('transition, against a plain model', () => {
  it.each([1, 2])(
    'announces exactly what the model does when every event comes %i time(s)',
    (copies) => {
      fc.assert(
        fc.property(fc.array(moves, { maxLength: 40 }), (schedule) => {
          const { stored, model } = play(schedule, copies);
          expect(stored.announced).toEqual(model.expected);
          expect([...stored.sessions.keys()].sort()).toEqual([...model.live.keys()].sort());
          expect(stored.deadline !== null).toBe(model.graceEnd !== null);
          expect(stored.state === 'ONLINE' || stored.state === 'GRACE').toBe(model.isOnline);
          expect(stored.activeRooms).toEqual(model.looksAt);
          expect(stored.lastSeen).toEqual(model.leftAt);
        }),
        { numRuns: SCHEDULES },
      );
    },
    60_000,
  );

  it('ends in the same state in whatever order the ends of sessions overtake their beginnings', () => {
    const lives = fc.uniqueArray(fc.constantFrom(...SESSIONS), { minLength: 1 });
    fc.assert(
      fc.property(lives, fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }), (sessions, order) => {
        const stored = new StoredUser();
        const events = sessions.flatMap((session) => [
          { session, kind: 'OPENED' as const },
          { session, kind: 'CLOSED' as const },
        ]);
        const shuffled = events
          .map((event, index) => ({ event, rank: order[index] ?? 0 }))
          .sort((a, b) => a.rank - b.rank);
        for (const { event } of shuffled) {
          const base = { exitedRoomIds: [], at: new Date(1_000).toISOString() };
          const input: PresenceInput =
            event.kind === 'OPENED'
              ? { ...base, kind: 'OPENED', gatewayId: 'g1', activeRoomId: null }
              : { ...base, kind: 'CLOSED' };
          stored.apply(event.session, transition(stored.snapshot(event.session, true), input, GRACE_MS), 1_000);
        }
        expect(stored.sessions.size).toBe(0);
        expect(['OFFLINE', 'UNKNOWN']).toContain(stored.state);
      }),
      { numRuns: 2_000 },
    );
  });
});
