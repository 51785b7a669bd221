import { asRoomId, type RoomId } from '@chat/dto';
import type { PresenceChange, UserSnapshot } from './presence-change.ts';
import { describe, expect, it } from 'vitest';
import { transition, type PresenceInput } from './transition.ts';

const GRACE_MS = 10_000;
const AT = '2026-01-01T00:00:00.000Z';
const ROOM = asRoomId(7);
const OTHER_ROOM = asRoomId(8);

const nobody: UserSnapshot = {
  state: 'OFFLINE',
  session: null,
  activeRoomId: null,
  sessionCount: 0,
  hasEnded: false,
  isGatewayAlive: true,
  holdMs: 0,
};
const online: UserSnapshot = { ...nobody, state: 'ONLINE', session: { gatewayId: 'g1', at: AT }, sessionCount: 1 };

const opened = (more: Partial<PresenceInput & { kind: 'OPENED' }> = {}): PresenceInput => ({
  kind: 'OPENED',
  gatewayId: 'g1',
  activeRoomId: null,
  exitedRoomIds: [],
  at: AT,
  ...more,
});
const ended = (kind: 'CLOSED' | 'LOST', exitedRoomIds: readonly RoomId[] = []): PresenceInput => ({
  kind,
  exitedRoomIds,
  at: AT,
});
const lapsed: PresenceInput = { kind: 'GATEWAY_LAPSED', gatewayId: 'g1', at: AT };
const step = (before: UserSnapshot, input: PresenceInput): PresenceChange | null => transition(before, input, GRACE_MS);

describe('a session that opens', () => {
  it('makes an offline user ONLINE', () => {
    expect(step(nobody, opened())).toMatchObject({ state: { name: 'ONLINE' }, announces: { event: 'ONLINE' } });
  });

  it('makes a user within the grace RECONNECTED and ends the grace', () => {
    const change = step({ ...nobody, state: 'GRACE' }, opened());
    expect(change).toMatchObject({ announces: { event: 'RECONNECTED' }, deadline: 'CLEARED' });
  });

  it('announces nothing for a user who is online already', () => {
    const change = step({ ...online, session: null }, opened());
    expect(change?.session).toEqual({ gatewayId: 'g1', at: AT });
    expect(change?.announces).toBeUndefined();
  });

  it('changes only the active room when it is told again', () => {
    const change = step({ ...online, activeRoomId: ROOM }, opened({ activeRoomId: OTHER_ROOM, exitedRoomIds: [ROOM] }));
    expect(change).toMatchObject({ activeRoomId: OTHER_ROOM, seenRooms: [{ roomId: ROOM }] });
    expect(change).not.toHaveProperty('announces');
  });

  it('has seen the room that it looked at before up to when it switches, and no room while it stays', () => {
    const looking = { ...online, activeRoomId: ROOM };
    const later = '2026-01-01T00:00:05.000Z';
    const seen = { roomId: ROOM, seenAtMs: Date.parse(later) };
    expect(step(looking, opened({ activeRoomId: OTHER_ROOM, at: later }))?.seenRooms).toEqual([seen]);
    expect(step(looking, opened({ at: later }))?.seenRooms).toEqual([seen]);
    expect(step(looking, opened({ activeRoomId: ROOM, at: later }))?.seenRooms).toEqual([]);
    expect(step(online, opened({ activeRoomId: ROOM, at: later }))?.seenRooms).toEqual([]);
  });

  it('is ignored after it ended, but for the rooms that it has seen', () => {
    expect(step({ ...nobody, hasEnded: true }, opened())).toBeNull();
    expect(step({ ...nobody, hasEnded: true }, opened({ exitedRoomIds: [ROOM] }))).toEqual({
      seenRooms: [{ roomId: ROOM, seenAtMs: Date.parse(AT) }],
    });
  });

  it('is ignored when its gateway has no lease any more', () => {
    expect(step({ ...nobody, isGatewayAlive: false }, opened())).toBeNull();
  });

  it('is ignored when it is older than what is known of the session', () => {
    const newer = { ...online, session: { gatewayId: 'g1', at: '2026-01-01T00:00:01.000Z' } };
    expect(step(newer, opened({ activeRoomId: ROOM }))).toBeNull();
  });

  it('moves to the gateway that tells of it last', () => {
    expect(step(online, opened({ gatewayId: 'g2' }))).toMatchObject({
      session: { gatewayId: 'g2' },
      leavesGatewayId: 'g1',
    });
  });

  it('moves although the clock of the process was set back before it took another gateway id', () => {
    const before = { ...online, session: { gatewayId: 'g1', at: '2026-01-01T00:00:01.000Z' } };
    expect(step(before, opened({ gatewayId: 'g2' }))).toMatchObject({ session: { gatewayId: 'g2', at: AT } });
  });
});

describe('a session that ends', () => {
  it('makes the user OFFLINE at once when it was the last and was closed', () => {
    expect(step(online, ended('CLOSED'))).toMatchObject({
      session: 'REMOVED',
      state: { name: 'OFFLINE' },
      announces: { event: 'OFFLINE' },
    });
  });

  it('begins the grace when it was the last and was lost', () => {
    const change = step(online, ended('LOST'));
    expect(change).toMatchObject({ state: { name: 'GRACE' }, deadline: GRACE_MS });
    expect(change).not.toHaveProperty('announces');
  });

  it.each(['CLOSED', 'LOST'] as const)('announces nothing when it was %s and another session lives', (kind) => {
    const change = step({ ...online, sessionCount: 2 }, ended(kind));
    expect(change).toMatchObject({ session: 'REMOVED', endsSession: true });
    expect(change).not.toHaveProperty('announces');
    expect(change).not.toHaveProperty('state');
  });

  it('moves last seen of the rooms that it left and of the one it looked at, each once', () => {
    const change = step({ ...online, activeRoomId: ROOM }, ended('LOST', [ROOM, OTHER_ROOM]));
    expect(change?.seenRooms.map(({ roomId }) => roomId)).toEqual([ROOM, OTHER_ROOM]);
  });

  it('is remembered although nobody knew it, so that its OPENED comes too late', () => {
    expect(step(nobody, ended('CLOSED'))).toEqual({ endsSession: true, seenRooms: [] });
  });

  it('does not cut the grace of an earlier session short', () => {
    expect(step({ ...nobody, state: 'GRACE' }, ended('CLOSED'))).toEqual({ endsSession: true, seenRooms: [] });
  });
});

describe('hold-fire', () => {
  const holding: UserSnapshot = { ...online, holdMs: 12_345 };

  it('turns OFFLINE at once into a grace that outlasts it', () => {
    const change = step(holding, ended('CLOSED'));
    expect(change).toMatchObject({ state: { name: 'GRACE' }, deadline: 12_345 });
    expect(change).not.toHaveProperty('announces');
  });

  it('gives a user of whom Redis lost everything a grace when a session ends', () => {
    const unknown: UserSnapshot = { ...nobody, state: 'UNKNOWN', holdMs: 2_000 };
    expect(step(unknown, ended('CLOSED'))).toMatchObject({ state: { name: 'GRACE' }, deadline: GRACE_MS });
  });
});

describe('a gateway whose lease lapsed', () => {
  it('loses its session, which may come back', () => {
    const change = step({ ...online, activeRoomId: ROOM }, lapsed);
    expect(change).toMatchObject({
      session: 'REMOVED',
      state: { name: 'GRACE' },
      deadline: GRACE_MS,
      activeRoomId: null,
    });
    expect(change).not.toHaveProperty('endsSession');
    expect(change?.seenRooms).toEqual([{ roomId: ROOM, seenAtMs: Date.parse(AT) }]);
  });

  it('moves last seen to the last word of the session where that is later than the last sight of the lease', () => {
    const spoke = '2026-01-01T00:00:09.000Z';
    const change = step({ ...online, activeRoomId: ROOM, session: { gatewayId: 'g1', at: spoke } }, lapsed);
    expect(change?.seenRooms).toEqual([{ roomId: ROOM, seenAtMs: Date.parse(spoke) }]);
  });

  it('loses nothing that another gateway has announced since', () => {
    const moved = { ...online, session: { gatewayId: 'g2', at: AT } };
    expect(step(moved, lapsed)).toEqual({ leavesGatewayId: 'g1', seenRooms: [] });
  });
});

describe('the end of the grace', () => {
  it('makes the user OFFLINE', () => {
    const change = step({ ...nobody, state: 'GRACE' }, { kind: 'GRACE_OVER', at: AT });
    expect(change).toMatchObject({ state: { name: 'OFFLINE' }, announces: { event: 'OFFLINE' } });
  });

  it('means nothing to a user who is back', () => {
    expect(step(online, { kind: 'GRACE_OVER', at: AT })).toEqual({ deadline: 'CLEARED', seenRooms: [] });
  });
});
