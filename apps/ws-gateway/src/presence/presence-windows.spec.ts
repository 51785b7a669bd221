import { asRoomId, asUserId, type PresenceEvent, type PresenceEventDTO } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { PresenceWindows, type PresenceEffect } from './presence-windows.ts';
import { RoomWatch } from './room-watch.ts';

const room = asRoomId(7);
const at = '2025-04-29T15:23:00Z';
const LIMITS = { intervalMs: 1_000, maxSingleOnline: 4, maxEventsPerInterval: 2, maxUsersPerFrame: 3 };

/** A room of so many members, of whom the first ones are online. */
function scene(memberCount: number, onlineCount: number) {
  const watch = new RoomWatch();
  const memberIds = Array.from({ length: memberCount }, (_, index) => asUserId(index + 1));
  watch.hold(room);
  watch.loaded(room, { version: 1, memberIds });
  const online = memberIds.slice(0, onlineCount).map((id) => [id, { isOnline: true, version: 1, at }] as const);
  watch.learn(new Map(memberIds.map((id) => [id, -1])), new Map(online), { isWhole: true });
  const windows = new PresenceWindows(watch, LIMITS);
  let version = 1;
  const happen = (id: number, event: PresenceEvent, now: number) => {
    version += 1;
    const isOnline = event === 'ONLINE' || event === 'RECONNECTED';
    return windows.note(watch.apply(eventOf({ userId: asUserId(id), event, isOnline, version })), now);
  };
  return { watch, windows, happen };
}

function eventOf(event: Omit<PresenceEventDTO, 'at'>): PresenceEventDTO {
  const isAboutRoom = event.event === 'JOINED' || event.event === 'LEFT';
  return { ...event, at, ...(isAboutRoom && { roomId: room }) };
}

/** What each effect tells, shortly: "ONLINE 1", or "CHANGES of 5: ONLINE 1, OFFLINE 2". */
function told(effects: readonly PresenceEffect[]): string[] {
  return effects.map((effect) => {
    if (effect.do === 'tell-change') return `${effect.change.event} ${effect.change.id}`;
    const { kind, onlineCount, users } = effect.presence;
    return `${kind} of ${onlineCount}: ${users.map(({ id, event, isOnline }) => `${event ?? isOnline} ${id}`).join(', ')}`;
  });
}

describe('changes in a room that is not large', () => {
  it('are told one by one, at once', () => {
    const { happen } = scene(3, 0);
    expect(told(happen(1, 'ONLINE', 0))).toEqual(['ONLINE 1']);
    expect(told(happen(1, 'OFFLINE', 10))).toEqual(['OFFLINE 1']);
  });

  it('are told together where there are too many within an interval, those that went to and fro not at all', () => {
    const { happen, windows } = scene(4, 0);
    happen(1, 'ONLINE', 0);
    happen(2, 'ONLINE', 1);
    expect(told(happen(3, 'ONLINE', 2))).toEqual([]);
    expect(told(happen(4, 'ONLINE', 3))).toEqual([]);
    expect(told(happen(4, 'OFFLINE', 4))).toEqual([]);
    expect(told(windows.advance(999))).toEqual([]);
    expect(told(windows.advance(1_000))).toEqual(['CHANGES of 3: ONLINE 3']);
    expect(windows.isEmpty).toBe(true);
    expect(told(happen(4, 'ONLINE', 1_001))).toEqual(['ONLINE 4']);
  });

  it('come with no frame at the end of an interval in which all was told', () => {
    const { happen, windows } = scene(1, 0);
    happen(1, 'ONLINE', 0);
    expect(windows.advance(1_000)).toEqual([]);
    expect(windows.isEmpty).toBe(true);
  });
});

describe('changes in a large room', () => {
  it('are told at the end of the interval, the last state of each, at most so many; the rest an interval later', () => {
    const { happen, windows } = scene(9, 5);
    for (const id of [6, 7, 8, 9]) expect(happen(id, 'ONLINE', 0)).toEqual([]);
    happen(1, 'OFFLINE', 1);
    happen(2, 'OFFLINE', 2);
    happen(2, 'ONLINE', 3);
    expect(told(windows.advance(1_000))).toEqual(['CHANGES of 8: ONLINE 6, ONLINE 7, ONLINE 8']);
    expect(told(windows.advance(1_999))).toEqual([]);
    expect(told(windows.advance(2_000))).toEqual(['CHANGES of 8: ONLINE 9, OFFLINE 1']);
  });

  it('are not told where somebody came back who never seemed gone', () => {
    const { happen, windows } = scene(5, 5);
    happen(1, 'RECONNECTED', 0);
    expect(windows.advance(1_000)).toEqual([]);
  });

  it('tell of who joined or left, and of nobody who did both', () => {
    const { happen, windows } = scene(5, 5);
    happen(8, 'JOINED', 0);
    happen(9, 'JOINED', 0);
    happen(9, 'LEFT', 1);
    expect(told(windows.advance(1_000))).toEqual(['CHANGES of 5: JOINED 8']);
  });

  it('are told where they went to and fro around what somebody was told in between', () => {
    const { happen, windows } = scene(5, 5);
    happen(1, 'OFFLINE', 0);
    windows.noteStateTold(room);
    happen(1, 'ONLINE', 1);
    expect(told(windows.advance(1_000))).toEqual(['CHANGES of 5: ONLINE 1']);
  });

  it('become single again, behind the whole state, once few enough are online', () => {
    const { happen, windows } = scene(5, 5);
    expect(windows.isLarge(room)).toBe(true);
    happen(1, 'OFFLINE', 0);
    expect(told(windows.advance(1_000))).toEqual(['CHANGES of 4: OFFLINE 1']);
    happen(2, 'OFFLINE', 1_001);
    expect(told(windows.advance(2_001))).toEqual(['STATE of 3: true 3, true 4, true 5']);
    expect(told(happen(2, 'ONLINE', 2_002))).toEqual(['ONLINE 2']);
  });
});

describe('the state of a room', () => {
  it('has every member of a room with few, and else those who are online', () => {
    expect(scene(4, 1).windows.stateOf(room)).toMatchObject({ onlineCount: 1, users: { length: 4 }, isComplete: true });
    expect(scene(5, 1).windows.stateOf(room)).toMatchObject({ onlineCount: 1, users: [{ id: 1 }], isComplete: true });
  });

  it('has the number alone of a large one', () => {
    expect(scene(5, 5).windows.stateOf(room)).toEqual({ roomId: room, kind: 'STATE', onlineCount: 5, users: [] });
  });
});

it('forgets a room to which nobody listens', () => {
  const { happen, windows } = scene(5, 5);
  happen(1, 'OFFLINE', 0);
  windows.forget(room);
  expect(windows.isEmpty).toBe(true);
  expect(windows.advance(1_000)).toEqual([]);
});

it('tells news that no change says at the end of an interval', () => {
  const { windows } = scene(5, 5);
  windows.noteNews(room, 0);
  expect(windows.advance(999)).toEqual([]);
  expect(told(windows.advance(1_000))).toEqual(['CHANGES of 5: ']);
});
