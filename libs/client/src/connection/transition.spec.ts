import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChatClientError } from '../error.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { NOT_STARTED, transition, type Connection, type ConnectionEffect, type ConnectionEvent } from './transition.ts';

const around = { now: 1_000_000, random: () => 0.5, gatewayCount: 2, limits: DEFAULT_LIMITS };
const refusedWith = (code: string) => new ChatClientError({ code, message: code, retryable: false });
const lost = (code: number, errorCode?: string): ConnectionEvent => ({
  is: 'lost',
  loss: { code, error: errorCode === undefined ? null : refusedWith(errorCode) },
});

/** Takes the events in turn; answers with the state and the effects of the last one. */
function after(events: readonly ConnectionEvent[], from = NOT_STARTED, where = around) {
  let connection = from;
  let effects: readonly ConnectionEffect[] = [];
  for (const event of events) [connection, effects] = transition(connection, event, where);
  return { connection, effects, phase: connection.phase };
}

const TO_OPENING = [{ is: 'connect' }, { is: 'token-given' }] as const;
const TO_UP = [...TO_OPENING, { is: 'connected' }] as const;
const up = after(TO_UP).connection;

describe('a connection', () => {
  it('asks for a token, opens the first gateway, and is up once that says CONNECTED', () => {
    expect(after([{ is: 'connect' }]).effects).toEqual([{ do: 'get-token', reason: 'connect' }]);
    expect(after(TO_OPENING).effects).toEqual([{ do: 'open', gateway: 0 }]);
    expect(after(TO_UP)).toMatchObject({ phase: { name: 'up' }, effects: [] });
  });

  it.each([
    [1006, undefined],
    [1000, undefined],
    [1001, undefined],
    [4999, undefined],
    [1002, undefined], // what Spring Cloud Gateway makes of 1012
  ])('comes back after close %i with backoff, at the next gateway', (code, errorCode) => {
    const { phase, effects, connection } = after([lost(code, errorCode)], up);
    expect(phase).toMatchObject({ name: 'waiting', tokenReason: 'connect' });
    expect(effects).toEqual([{ do: 'wait', ms: 250 }]); // half of the first 500
    expect(connection.gateway).toBe(1);
    expect(after([lost(code), { is: 'waited' }, { is: 'token-given' }], up).effects).toEqual([
      { do: 'open', gateway: 1 },
    ]);
  });

  it('comes back within the spread after a restart (1012), and later after an overload (1013)', () => {
    expect(after([lost(1012)], up).effects).toEqual([{ do: 'wait', ms: 1_000 }]);
    expect(after([lost(1013)], up).effects).toEqual([{ do: 'wait', ms: 1_000 }]); // half of the third 2,000
    expect(after([lost(1012)], up, { ...around, random: () => 0.999 }).effects).toEqual([{ do: 'wait', ms: 1_998 }]);
  });

  it.each([
    [1002, 'PROTOCOL_ERROR', 'protocol'],
    [1009, 'FRAME_TOO_LARGE', 'too-big'],
    [4003, undefined, 'revoked'],
    [1008, 'FORBIDDEN', 'policy'],
  ])('does not come back after close %i with %s', (code, errorCode, reason) => {
    for (const from of [up, after(TO_OPENING).connection])
      expect(after([lost(code, errorCode)], from)).toMatchObject({
        phase: { name: 'closed', reason },
        effects: [{ do: 'hang-up' }],
      });
  });

  it('comes back at once, to the same gateway, with a new token where the old one expired in the session (4001)', () => {
    const { effects, connection } = after([lost(4001, 'TOKEN_EXPIRED')], up);
    expect(effects).toEqual([{ do: 'get-token', reason: 'refused' }]);
    expect(connection.gateway).toBe(0);
  });

  it('is closed where the token is refused twice in a row', () => {
    const once = after([...TO_OPENING, lost(1008, 'UNAUTHENTICATED')]);
    expect(once.effects).toEqual([{ do: 'get-token', reason: 'refused' }]);
    const twice = after([{ is: 'token-given' }, lost(1008, 'UNAUTHENTICATED')], once.connection);
    expect(twice.phase).toMatchObject({
      name: 'closed',
      reason: 'unauthenticated',
      error: { code: 'UNAUTHENTICATED' },
    });
    const later = after([{ is: 'token-given' }, { is: 'connected' }, lost(4001)], once.connection);
    expect(later.phase.name).not.toBe('closed'); // it was taken in between
  });

  it('is closed where there is no token any more, and tries again where getToken fails', () => {
    expect(after([{ is: 'connect' }, { is: 'no-token' }]).phase).toMatchObject({ reason: 'unauthenticated' });
    const failed = { is: 'token-failed' } as const;
    expect(after([{ is: 'connect' }, failed]).effects).toEqual([{ do: 'wait', ms: 250 }]);
  });

  it('asks for another token than the refused one until getToken gives one', () => {
    const failed = after([...TO_OPENING, lost(1008, 'UNAUTHENTICATED'), { is: 'token-failed' }]);
    expect(failed.phase).toMatchObject({ name: 'waiting', tokenReason: 'refused' });
    expect(after([{ is: 'waited' }], failed.connection).effects).toEqual([{ do: 'get-token', reason: 'refused' }]);
  });

  it('waits longer at each failure, up to the longest pause, and begins anew after a session that lasted', () => {
    let connection = up;
    const pauses: number[] = [];
    for (let at = 0; at < 9; at += 1) {
      const step = after([lost(1006)], connection);
      const [effect] = step.effects;
      if (effect?.do === 'wait') pauses.push(effect.ms * 2);
      connection = after([{ is: 'waited' }, { is: 'token-given' }], step.connection).connection;
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    const [short] = transition(after([{ is: 'connected' }], connection).connection, lost(1006), around);
    expect(short.attempt).toBe(10);
    const muchLater = { ...around, now: around.now + DEFAULT_LIMITS.stableAfterMs };
    expect(after([lost(1006)], after([{ is: 'connected' }], connection).connection, muchLater).effects).toEqual([
      { do: 'wait', ms: 250 },
    ]);
  });

  it('hangs up when the network goes, and is back at once when it comes', () => {
    const off = after([{ is: 'network', isThere: false }], up);
    expect(off).toMatchObject({ phase: { name: 'offline', reason: 'no-network' }, effects: [{ do: 'hang-up' }] });
    expect(after([{ is: 'network', isThere: true }], off.connection).effects).toEqual([
      { do: 'get-token', reason: 'connect' },
    ]);
    expect(off.connection.loss).not.toBeNull(); // so it says that it recovers
  });

  it('tries no more when it is told to pause, whatever the network does, until it is told to connect', () => {
    const paused = after([{ is: 'pause' }, { is: 'network', isThere: false }, { is: 'network', isThere: true }], up);
    expect(paused.phase).toEqual({ name: 'offline', reason: 'paused' });
    expect(after([{ is: 'connect' }], paused.connection).effects).toEqual([{ do: 'get-token', reason: 'connect' }]);
  });

  it('tries at once where it is told to connect while it waits', () => {
    expect(after([lost(1006), { is: 'connect' }], up).phase.name).toBe('awaiting-token');
  });
});

const event = fc.oneof(
  fc.constantFrom<ConnectionEvent>(
    { is: 'connect' },
    { is: 'pause' },
    { is: 'close' },
    { is: 'waited' },
    { is: 'token-given' },
    { is: 'no-token' },
    { is: 'connected' },
    { is: 'token-failed' },
    { is: 'network', isThere: true },
    { is: 'network', isThere: false },
  ),
  fc
    .tuple(
      fc.constantFrom(1000, 1002, 1006, 1008, 1009, 1012, 1013, 4001, 4003),
      fc.constantFrom(undefined, 'UNAUTHENTICATED', 'FORBIDDEN'),
    )
    .map(([code, errorCode]) => lost(code, errorCode)),
);

/** What is under way outside because of the effects so far: at most one of each. */
class World {
  isWaiting = false;
  isAsking = false;
  hasSocket = false;
  now = 0;

  perform(effects: readonly ConnectionEffect[]): void {
    for (const effect of effects) {
      if (effect.do === 'hang-up') [this.isWaiting, this.isAsking, this.hasSocket] = [false, false, false];
      if (effect.do === 'wait') {
        expect(effect.ms).toBeGreaterThanOrEqual(0);
        expect(effect.ms).toBeLessThanOrEqual(DEFAULT_LIMITS.backoffMaxMs);
        this.isWaiting = true;
      }
      if (effect.do === 'get-token') {
        expect(this.hasSocket).toBe(false);
        [this.isWaiting, this.isAsking] = [false, true];
      }
      if (effect.do === 'open') {
        expect(this.hasSocket).toBe(false); // never two sockets
        [this.isAsking, this.hasSocket] = [false, true];
      }
    }
  }
}

describe('over any events', () => {
  it('there is never more than one socket, and it never hangs: something is under way unless it is offline or closed', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 60 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
        (events, randoms) => {
          const world = new World();
          let connection: Connection = NOT_STARTED;
          for (const one of events) {
            world.now += 700;
            const random = () => randoms.next().value ?? 0;
            // the socket is gone, the timer has rung, the token was given: by the time the machine is told
            if (one.is === 'lost') world.hasSocket = false;
            if (one.is === 'waited') world.isWaiting = false;
            const isMeant = {
              lost: ['opening', 'up'],
              waited: ['waiting'],
              'token-given': ['awaiting-token'],
              connected: ['opening'],
            } as Readonly<Record<string, readonly string[]>>;
            if (isMeant[one.is]?.includes(connection.phase.name) === false) {
              expect(transition(connection, one, { ...around, now: world.now, random })).toEqual([connection, []]);
              if (connection.phase.name === 'waiting') world.isWaiting = true;
              if (connection.phase.name === 'up' || connection.phase.name === 'opening') world.hasSocket = true;
              continue;
            }
            const [next, effects] = transition(connection, one, { ...around, now: world.now, random });
            connection = next;
            world.perform(effects);
            const { name } = connection.phase;
            expect({ isWaiting: world.isWaiting, hasSocket: world.hasSocket, name }).toEqual({
              isWaiting: name === 'waiting',
              hasSocket: name === 'opening' || name === 'up',
              name,
            });
            expect(connection.gateway).toBeLessThan(around.gatewayCount);
            if (one.is === 'close') expect(connection.phase).toMatchObject({ name: 'closed', reason: 'client' });
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
