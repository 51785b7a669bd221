import { asRoomId, type RoomId } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  GRACE_MS,
  PROCESSES,
  StoredUser,
  TABS,
  World,
  type ProcessName,
  type SessionInput,
  type TabName,
  type Told,
} from './presence-world-under-test.ts';
import { transition } from './transition.ts';

const SCHEDULES = 10_000;

/** After how many further moves each copy of what is told arrives: late ones are overtaken, several are duplicates. */
type Travel = readonly number[];
type Move =
  | { readonly do: 'OPEN'; tab: TabName; process: ProcessName; room: RoomId | null; exited: RoomId[]; travel: Travel }
  | { readonly do: 'CLOSED' | 'LOST'; tab: TabName; exited: RoomId[]; travel: Travel }
  | { readonly do: 'FREEZE'; process: ProcessName }
  | { readonly do: 'THAW'; process: ProcessName; travel: Travel }
  | { readonly do: 'STEP'; process: ProcessName; ms: number }
  | { readonly do: 'EMPTY'; travel: Travel }
  | { readonly do: 'SWEEP' | 'HOLD' }
  | { readonly do: 'WAIT'; ms: number };

const tab = fc.constantFrom(...TABS);
const process = fc.constantFrom(...PROCESSES);
const rooms = [1, 2, 3].map(asRoomId);
const room = fc.constantFrom(null, ...rooms);
const exited = fc.uniqueArray(fc.constantFrom(...rooms), { maxLength: 2 });
const travel = fc.oneof(
  { weight: 2, arbitrary: fc.constant([0]) },
  { weight: 1, arbitrary: fc.array(fc.nat(6), { minLength: 1, maxLength: 3 }) },
);

function one<Kind extends string>(weight: number, kind: Kind, more = {}) {
  return { weight, arbitrary: fc.record({ do: fc.constant(kind), ...more }) as fc.Arbitrary<Move> };
}

const moves: fc.Arbitrary<Move> = fc.oneof(
  one(10, 'OPEN', { tab, process, room, exited, travel }),
  one(4, 'CLOSED', { tab, exited, travel }),
  one(4, 'LOST', { tab, exited, travel }),
  one(2, 'FREEZE', { process }),
  one(2, 'THAW', { process, travel }),
  one(2, 'STEP', { process, ms: fc.integer({ min: -20, max: 20 }) }),
  one(3, 'SWEEP'),
  one(1, 'HOLD'),
  one(1, 'EMPTY', { travel }),
  one(4, 'WAIT', { ms: fc.integer({ min: 1, max: 15 }) }),
);

/**
 * The rules in the plainest words, of what arrives in the order in which it arrives: which sessions live, what each looks at,
 * when the user was last lost, and when each room was last left. Instants that gateways gave decide of two things alone: which
 * of the words of one gateway about one session is the newer one, and up to when a room was seen.
 */
class PlainModel {
  readonly live = new Map<string, { gatewayId: string; room: RoomId | null; at: number }>();
  readonly ended = new Set<string>();
  readonly leftAt = new Map<RoomId, number>();
  readonly expected: string[] = [];
  /** Unknown, that is null, where Redis has lost it and nobody has spoken of the user since. */
  isOnline: boolean | null = null;
  graceEnd: number | null = null;

  open(
    sessionId: string,
    { gatewayId, activeRoomId, exitedRoomIds, at }: SessionInput & { kind: 'OPENED' },
    isAlive: boolean,
  ) {
    const atMs = Date.parse(at);
    this.#left(exitedRoomIds, atMs);
    if (this.ended.has(sessionId) || !isAlive) return;
    const known = this.live.get(sessionId);
    if (known?.gatewayId === gatewayId && atMs < known.at) return;
    if (known !== undefined && known.room !== activeRoomId) this.#left([known.room], atMs);
    this.live.set(sessionId, { gatewayId, room: activeRoomId, at: atMs });
    if (this.isOnline !== true) this.expected.push('ONLINE');
    else if (this.graceEnd !== null) this.expected.push('RECONNECTED');
    this.isOnline = true;
    this.graceEnd = null;
  }

  end(sessionId: string, { kind, exitedRoomIds, at }: SessionInput, { now, holdMs }: World): void {
    const known = this.live.get(sessionId);
    this.#left([...exitedRoomIds, known?.room ?? null], Date.parse(at));
    this.ended.add(sessionId);
    const wasLost = this.isOnline === null && holdMs > 0; // by Redis: somebody who ends was there
    if (!this.live.delete(sessionId) && !wasLost) return;
    if (this.live.size > 0) return;
    this.isOnline = true;
    if (kind === 'LOST' || holdMs > 0) this.graceEnd = now + Math.max(GRACE_MS, holdMs);
    else this.#goOffline();
  }

  lapse({ now, goneAt }: World): void {
    const before = this.live.size;
    for (const [sessionId, { gatewayId, room, at }] of this.live) {
      const lostAt = goneAt.get(gatewayId);
      if (lostAt === undefined) continue;
      this.live.delete(sessionId);
      this.#left([room], Math.max(lostAt, at));
    }
    if (before > 0 && this.live.size === 0) this.graceEnd = now + GRACE_MS;
  }

  wait({ now, holdMs }: World): void {
    if (this.graceEnd !== null && this.graceEnd <= now && holdMs === 0) this.#goOffline();
  }

  forget(): void {
    this.live.clear();
    this.ended.clear();
    this.isOnline = null;
    this.graceEnd = null;
    this.expected.push('FORGOTTEN');
  }

  get looksAt(): Map<string, RoomId> {
    const looking = [...this.live].flatMap(([id, { room }]) => (room === null ? [] : [[id, room] as const]));
    return new Map(looking);
  }

  #left(roomIds: readonly (RoomId | null)[], atMs: number): void {
    for (const roomId of roomIds) {
      if (roomId !== null) this.leftAt.set(roomId, Math.max(atMs, this.leftAt.get(roomId) ?? 0));
    }
  }

  #goOffline(): void {
    this.expected.push('OFFLINE');
    this.isOnline = false;
    this.graceEnd = null;
  }
}

/** Plays a schedule: to the world, and what arrives of it to both the stored user and the model. */
class Play {
  readonly world = new World();
  readonly stored = new StoredUser();
  readonly model = new PlainModel();
  #onTheirWay: { told: Told; left: number }[] = [];

  play(schedule: readonly Move[]): void {
    for (const move of schedule) {
      this.world.now += 1;
      if (move.do === 'EMPTY') this.#forget();
      for (const told of this.#perform(move)) {
        for (const left of 'travel' in move ? move.travel : []) this.#onTheirWay.push({ told, left });
      }
      if (move.do === 'SWEEP') this.#sweep();
      this.#arrive();
      this.#endGrace();
    }
  }

  /** Everything arrives, and time enough passes for all that is due. */
  settle(): void {
    while (this.#onTheirWay.length > 0) this.#arrive();
    this.world.now += this.world.holdMs;
    this.#sweep();
    this.world.now += GRACE_MS;
    this.#endGrace();
  }

  #perform(move: Move): readonly Told[] {
    const { world } = this;
    switch (move.do) {
      case 'OPEN':
        return world.open(move.tab, move.process, move.room, move.exited);
      case 'CLOSED':
      case 'LOST':
        return world.end(move.tab, move.do, move.exited);
      case 'THAW':
        return world.thaw(move.process);
      case 'EMPTY':
        return world.emptyRedis();
      case 'FREEZE':
        world.freeze(move.process);
        return [];
      case 'STEP':
        world.stepClock(move.process, move.ms);
        return [];
      case 'HOLD':
        world.hold();
        return [];
      case 'WAIT':
        world.now += move.ms;
        return [];
      case 'SWEEP':
        return [];
    }
  }

  /** The log is read to its end first: a copy of what Redis knew to be over would be news to an empty one. */
  #forget(): void {
    while (this.#onTheirWay.length > 0) this.#arrive();
    this.stored.forget();
    this.model.forget();
  }

  #arrive(): void {
    const arriving = this.#onTheirWay.filter(({ left }) => left === 0);
    this.#onTheirWay = this.#onTheirWay
      .filter(({ left }) => left > 0)
      .map(({ told, left }) => ({ told, left: left - 1 }));
    for (const { told } of arriving) this.#take(told);
  }

  #take({ sessionId, gatewayId, input }: Told): void {
    const isAlive = !this.world.goneAt.has(gatewayId);
    this.#step(sessionId, input, isAlive);
    if (input.kind === 'OPENED') this.model.open(sessionId, input, isAlive);
    else this.model.end(sessionId, input, this.world);
  }

  /** Sessions of lapsed gateways are lost, but not during hold-fire. */
  #sweep(): void {
    if (this.world.holdMs > 0) return;
    for (const [gatewayId, goneAtMs] of this.world.goneAt) {
      const at = new Date(goneAtMs).toISOString();
      for (const sessionId of this.stored.sessions.keys())
        this.#step(sessionId, { kind: 'GATEWAY_LAPSED', gatewayId, at }, false);
    }
    this.model.lapse(this.world);
  }

  #endGrace(): void {
    const { now, holdMs } = this.world;
    const { deadline } = this.stored;
    const at = new Date(now).toISOString();
    if (deadline !== null && deadline <= now && holdMs === 0) this.#step('', { kind: 'GRACE_OVER', at }, false);
    this.model.wait(this.world);
  }

  #step(sessionId: string, input: Parameters<typeof transition>[1], isGatewayAlive: boolean): void {
    const { now, holdMs } = this.world;
    const before = this.stored.snapshot(sessionId, isGatewayAlive, holdMs);
    this.stored.apply(sessionId, transition(before, input, GRACE_MS), now);
  }
}

function expectAsModel({ stored, model }: Play): void {
  expect(stored.announced).toEqual(model.expected);
  expect([...stored.sessions.keys()].sort()).toEqual([...model.live.keys()].sort());
  expect(stored.deadline).toBe(model.graceEnd);
  expect(stored.state === 'ONLINE' || stored.state === 'GRACE').toBe(model.isOnline === true);
  expect(stored.activeRooms).toEqual(model.looksAt);
  expect(stored.lastSeen).toEqual(model.leftAt);
}

/** Who may follow whom, so that each is told once. Of whom Redis forgets, that alone is told again. */
const MAY_FOLLOW: Readonly<Record<string, readonly string[]>> = {
  FORGOTTEN: ['ONLINE', 'RECONNECTED', 'OFFLINE', 'FORGOTTEN'],
  ONLINE: ['RECONNECTED', 'OFFLINE', 'FORGOTTEN'],
  RECONNECTED: ['RECONNECTED', 'OFFLINE', 'FORGOTTEN'],
  OFFLINE: ['ONLINE', 'FORGOTTEN'],
};

describe('transition, on random schedules of connects, closes, crashes, clock steps, duplicates and reorderings', () => {
  it('announces what the plain model does, and ends at what is so in the world, whatever the clocks say', () => {
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 40, size: 'max' }), (schedule) => {
        const play = new Play();
        play.play(schedule);
        expectAsModel(play);
        play.settle();
        expectAsModel(play);
        const { stored, world } = play;
        const live = world.liveSessions().sort();
        expect([...stored.sessions.keys()].sort()).toEqual(live);
        expect(stored.state === 'ONLINE').toBe(live.length > 0);
        let last = 'FORGOTTEN'; // Redis knows nothing of the user yet
        for (const event of stored.announced) {
          expect(MAY_FOLLOW[last]).toContain(event);
          last = event;
        }
        expect(last === 'ONLINE' || last === 'RECONNECTED').toBe(live.length > 0);
      }),
      { numRuns: SCHEDULES },
    );
  }, 60_000);
});
