import { asRoomId, asUserId, type PresenceEventDTO, type RoomEventDTO } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { TOLD_MEMBERSHIPS_MAX } from '../limits.ts';
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

const concerned = (watch: RoomWatch, event: PresenceEventDTO) => watch.apply(event).map(({ roomId }) => roomId);
const offline = (userId: typeof ada, version: number): PresenceEventDTO => ({
  ...online(userId, version),
  event: 'OFFLINE',
  isOnline: false,
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
    expect(concerned(watch, online(ada, 1))).toEqual([room]);
    expect(concerned(watch, online(ben, 1))).toEqual([]);
  });

  it('drops a version it has seen', () => {
    const watch = watching([ada]);
    concerned(watch, online(ada, 2));
    expect(concerned(watch, offline(ada, 2))).toEqual([]);
    expect(concerned(watch, offline(ada, 1))).toEqual([]);
    expect(concerned(watch, offline(ada, 3))).toEqual([room]);
  });

  it('follows members who come and go', () => {
    const watch = watching([ada]);
    watch.applyRoomEvent(roomEvent('MEMBER_ADDED', ben, 6));
    watch.applyRoomEvent(roomEvent('MEMBER_REMOVED', ada, 7));
    expect(concerned(watch, online(ben, 1))).toEqual([room]);
    expect(concerned(watch, online(ada, 1))).toEqual([]);
  });

  it('applies what happened while the members were read, and ignores what was in them already', () => {
    const watch = new RoomWatch();
    watch.hold(room);
    watch.applyRoomEvent(roomEvent('MEMBER_REMOVED', ada, 5));
    watch.applyRoomEvent(roomEvent('MEMBER_ADDED', ben, 6));
    watch.loaded(room, { version: 5, memberIds: [ada] });
    expect(concerned(watch, online(ada, 1))).toEqual([room]);
    expect(concerned(watch, online(ben, 1))).toEqual([room]);
  });

  it('tells of who joins or leaves a watched room, member or not', () => {
    const watch = watching([]);
    expect(concerned(watch, { ...online(ben, 1), event: 'JOINED', roomId: room })).toEqual([room]);
    expect(concerned(watch, { ...online(ben, 1), event: 'JOINED', roomId: room })).toEqual([]);
    watch.release(room);
    expect(concerned(watch, { ...online(ben, 2), event: 'LEFT', roomId: room })).toEqual([]);
  });

  it('knows joinings and leavings again of those who did so last, of a bounded number', () => {
    const watch = watching([]);
    const left = (id: number): PresenceEventDTO => ({ ...offline(asUserId(id), 1), event: 'LEFT', roomId: room });
    for (let id = 1; id <= TOLD_MEMBERSHIPS_MAX; id += 1) watch.apply(left(id));
    const again = { ...left(1), version: 2 };
    watch.apply(again);
    expect(concerned(watch, left(2))).toEqual([]);
    watch.apply(left(TOLD_MEMBERSHIPS_MAX + 1));
    expect(concerned(watch, again)).toEqual([]);
    expect(concerned(watch, left(2))).toEqual([room]);
  });

  it('knows presence of who joins, whether JOINED or the event of the room comes first', () => {
    for (const isRoomFirst of [true, false]) {
      const watch = watching([]);
      const added = () => watch.applyRoomEvent(roomEvent('MEMBER_ADDED', ben, 6));
      if (isRoomFirst) added();
      watch.apply({ ...online(ben, 1), event: 'JOINED', roomId: room });
      if (!isRoomFirst) added();
      expect([...watch.onlineIn(room)]).toEqual([ben]);
      expect(watch.apply({ ...offline(ben, 2), event: 'LEFT', roomId: room })).toHaveLength(1);
      expect(watch.isMember(room, ben)).toBe(false);
    }
  });

  it('holds a room until the last of its subscriptions is gone', () => {
    const watch = watching([ada]);
    expect(watch.hold(room)).toBe(false);
    watch.release(room);
    expect(concerned(watch, online(ada, 1))).toEqual([room]);
  });

  it('remembers nothing of a room that nobody watches any more', () => {
    const watch = watching([ada]);
    watch.release(room);
    expect(watch.has(room)).toBe(false);
    expect(concerned(watch, online(ada, 1))).toEqual([]);
  });

  it('counts who is online, whoever learns of it how', () => {
    const watch = watching([ada, ben]);
    watch.apply(online(ada, 1));
    watch.learn(new Map([[ben, -1]]), new Map([[ben, { isOnline: true, version: 3, at }]]), { isWhole: true });
    expect([...watch.onlineIn(room)]).toEqual([ada, ben]);
    watch.apply(offline(ada, 2));
    watch.applyRoomEvent(roomEvent('MEMBER_REMOVED', ben, 6));
    expect(watch.onlineCountIn(room)).toBe(0);
    watch.applyRoomEvent(roomEvent('MEMBER_ADDED', ben, 7));
    expect(watch.onlineCountIn(room)).toBe(0); // watched nowhere in between, so it is unknown again
  });

  it('says that somebody is back only where nobody was told that they had gone', () => {
    const watch = watching([ada]);
    watch.apply(online(ada, 1));
    expect(watch.apply({ ...online(ada, 2), event: 'RECONNECTED' })).toMatchObject([{ wasOnline: true }]);
    expect(watch.apply(online(ada, 3))).toEqual([]);
  });
});

describe('presence that is read', () => {
  const presence = (isOnline: boolean, version: number) => ({ isOnline, version, at });
  const asked = (watch: RoomWatch) => new Map(watch.unknownIn(room).map((userId) => [userId, -1]));

  it('is a change for who subscribed before it was there', () => {
    const watch = watching([ada, ben]);
    const changes = watch.learn(asked(watch), new Map([[ada, presence(true, 4)]]), { isWhole: true });
    expect(changes).toEqual([{ roomId: room, userId: ada, wasOnline: false, event: null }]);
    expect(watch.unknownIn(room)).toEqual([]);
    expect(watch.apply(offline(ada, 4))).toEqual([]);
    expect(watch.apply(offline(ada, 5))).toHaveLength(1);
  });

  it('is what is told with a joining or leaving that the log tells of later', () => {
    const later = '2025-04-29T15:24:00Z';
    for (const event of ['JOINED', 'LEFT'] as const) {
      const watch = watching([ada]);
      const read = { isOnline: true, version: 4, at: later };
      watch.learn(asked(watch), new Map([[ada, read]]), { isWhole: true });
      const told = { ...offline(ada, 3), event, roomId: room };
      expect(watch.apply(told)).toMatchObject([{ wasOnline: true, event: { ...told, ...read } }]);
      expect(watch.apply(told)).toEqual([]);
    }
  });

  it('does not take the place of what the log told meanwhile', () => {
    const watch = watching([ada]);
    const before = asked(watch);
    watch.apply(online(ada, 5));
    expect(watch.learn(before, new Map([[ada, presence(false, 6)]]), { isWhole: true })).toEqual([]);
    expect(watch.onlineCountIn(room)).toBe(1);
  });

  it('leaves those unknown who were not found where some may have been lost', () => {
    const watch = watching([ada]);
    watch.learn(asked(watch), new Map(), { isWhole: false });
    expect(watch.unknownIn(room)).toEqual([ada]);
  });

  it('makes those offline who are not found any more', () => {
    const watch = watching([ada]);
    watch.apply(online(ada, 5));
    const changes = watch.learn(watch.versions(), new Map(), { isWhole: true });
    expect(changes).toMatchObject([{ userId: ada, wasOnline: true }]);
    expect(watch.presenceOf(ada)).toEqual(presence(false, 5));
    expect(watch.apply(online(ada, 6))).toHaveLength(1);
  });
});
