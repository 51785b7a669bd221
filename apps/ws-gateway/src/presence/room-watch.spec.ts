import { asRoomId, asUserId, type PresenceEventDTO, type RoomEventDTO } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { RoomWatch } from './room-watch.ts';

const room = asRoomId(7);
const ada = asUserId(1);
const ben = asUserId(2);
const at = '2025-04-29T15:23:00Z';

const online = (userId: typeof ada, version: number): PresenceEventDTO => ({
  userId,
  event: 'ONLINE',
  isOnline: true,
  at,
  version,
});
const roomEvent = (event: RoomEventDTO['event'], userId: typeof ada, version: number): RoomEventDTO => ({
  roomId: room,
  event,
  userId,
  version,
  at,
});

function watching(memberIds: (typeof ada)[], version = 5): RoomWatch {
  const watch = new RoomWatch();
  watch.hold(room);
  watch.loaded(room, { version, memberIds });
  return watch;
}

describe('the watch over rooms', () => {
  it('concerns itself with members of watched rooms alone', () => {
    const watch = watching([ada]);
    expect(watch.roomsConcernedBy(online(ada, 1))).toEqual([room]);
    expect(watch.roomsConcernedBy(online(ben, 1))).toEqual([]);
  });

  it('drops a version it has seen', () => {
    const watch = watching([ada]);
    watch.roomsConcernedBy(online(ada, 2));
    expect(watch.roomsConcernedBy(online(ada, 2))).toEqual([]);
    expect(watch.roomsConcernedBy(online(ada, 1))).toEqual([]);
    expect(watch.roomsConcernedBy(online(ada, 3))).toEqual([room]);
  });

  it('follows members who come and go', () => {
    const watch = watching([ada]);
    watch.applyRoomEvent(roomEvent('MEMBER_ADDED', ben, 6));
    watch.applyRoomEvent(roomEvent('MEMBER_REMOVED', ada, 7));
    expect(watch.roomsConcernedBy(online(ben, 1))).toEqual([room]);
    expect(watch.roomsConcernedBy(online(ada, 1))).toEqual([]);
  });

  it('applies what happened while the members were read, and ignores what was in them already', () => {
    const watch = new RoomWatch();
    watch.hold(room);
    watch.applyRoomEvent(roomEvent('MEMBER_REMOVED', ada, 5));
    watch.applyRoomEvent(roomEvent('MEMBER_ADDED', ben, 6));
    watch.loaded(room, { version: 5, memberIds: [ada] });
    expect(watch.roomsConcernedBy(online(ada, 1))).toEqual([room]);
    expect(watch.roomsConcernedBy(online(ben, 1))).toEqual([room]);
  });

  it('tells of who joins or leaves a watched room, member or not', () => {
    const watch = watching([]);
    expect(watch.roomsConcernedBy({ ...online(ben, 1), event: 'JOINED', roomId: room })).toEqual([room]);
    expect(watch.roomsConcernedBy({ ...online(ben, 1), event: 'JOINED', roomId: room })).toEqual([]);
    watch.release(room);
    expect(watch.roomsConcernedBy({ ...online(ben, 2), event: 'LEFT', roomId: room })).toEqual([]);
  });

  it('holds a room until the last of its subscriptions is gone', () => {
    const watch = watching([ada]);
    expect(watch.hold(room)).toBe(false);
    watch.release(room);
    expect(watch.roomsConcernedBy(online(ada, 1))).toEqual([room]);
  });

  it('remembers nothing of a room that nobody watches any more', () => {
    const watch = watching([ada]);
    watch.release(room);
    expect(watch.has(room)).toBe(false);
    expect(watch.roomsConcernedBy(online(ada, 1))).toEqual([]);
  });
});
