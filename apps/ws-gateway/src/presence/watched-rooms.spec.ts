import { asRoomId, asUserId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { RoomWatch, type RoomMembers } from './room-watch.ts';
import { WatchedRooms } from './watched-rooms.ts';

const room = asRoomId(7);
const members: RoomMembers = { version: 1, memberIds: [asUserId(1)] };
const online = {
  userId: asUserId(1),
  event: 'ONLINE',
  isOnline: true,
  at: '2025-04-29T15:23:00Z',
  version: 1,
} as const;

function watching() {
  const answers: PromiseWithResolvers<RoomMembers>[] = [];
  const watch = new RoomWatch();
  const presence: string[] = [];
  const known = {
    read: (roomId: typeof room) => (presence.push(`read ${roomId}`), Promise.resolve()),
    forget: (roomId: typeof room) => void presence.push(`forget ${roomId}`),
  };
  const loadMembers = () => {
    const answer = Promise.withResolvers<RoomMembers>();
    answers.push(answer);
    return answer.promise;
  };
  return { rooms: new WatchedRooms({ watch, known, loadMembers }), watch, answers, presence };
}

describe('the watched rooms', () => {
  it('read the members of a room once for all who wait', async () => {
    const { rooms, watch, answers } = watching();
    const waiting = Promise.all([rooms.hold(room), rooms.hold(room)]);
    answers[0]?.resolve(members);
    await waiting;
    expect(answers).toHaveLength(1);
    expect(watch.apply(online)).toHaveLength(1);
  });

  it('know presence of the members before anybody is told, and forget it with the last', async () => {
    const { rooms, answers, presence } = watching();
    const waiting = Promise.all([rooms.hold(room), rooms.hold(room)]);
    answers[0]?.resolve(members);
    await waiting;
    expect(presence).toEqual(['read 7']);
    expect([rooms.release(room), rooms.release(room)]).toEqual([true, false]);
    expect(presence).toEqual(['read 7', 'forget 7']);
  });

  it('refuse all who wait when the members cannot be read, and ask again for the next', async () => {
    const { rooms, watch, answers } = watching();
    const waiting = Promise.allSettled([rooms.hold(room), rooms.hold(room)]);
    answers[0]?.reject(new Error('down'));
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(watch.has(room)).toBe(false);
    const again = rooms.hold(room);
    answers[1]?.resolve(members);
    await again;
    expect(watch.has(room)).toBe(true);
  });

  it('let nobody in who comes while those are refused who waited, but with members', async () => {
    for (let turns = 0; turns < 10; turns += 1) {
      const { rooms, watch, answers } = watching();
      const refused = Promise.allSettled([rooms.hold(room), rooms.hold(room)]);
      answers[0]?.reject(new Error('down'));
      for (let turn = 0; turn < turns; turn += 1) await null;
      const [later] = await Promise.allSettled([rooms.hold(room), answers[1]?.resolve(members)]);
      expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(watch.isMember(room, asUserId(1))).toBe(later.status === 'fulfilled');
      expect(watch.has(room)).toBe(later.status === 'fulfilled');
    }
  });
});
