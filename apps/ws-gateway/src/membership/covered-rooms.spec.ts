import { asRoomId, asUserId, type RoomId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { CoveredRooms } from './covered-rooms.ts';
import { MembershipIndex, type Membership } from './membership-index.ts';

const ada = asUserId(1);
const ROOMS = Array.from({ length: 50 }, (_, at) => asRoomId(at + 1));
const membershipOf = (roomId: RoomId): Membership => ({
  ...{ roomId, userId: ada, role: 'MEMBER', version: 1, roomType: 'GROUP', roomStatus: 'ACTIVE' },
});

/** A user with some rooms that pass here once they are covered, and what is asked of the rows. */
async function scene() {
  const asked: string[] = [];
  const state = { rooms: ROOMS };
  const waiting = new Map(ROOMS.map((roomId) => [roomId, Promise.withResolvers<void>()]));
  const coveredSince = new Map<RoomId, number>();
  const memberships = new MembershipIndex({
    listMembershipsOf: () => (asked.push('list'), Promise.resolve(state.rooms.map(membershipOf))),
    findAccess: (roomId) => {
      asked.push(`room ${roomId}`);
      const membership = state.rooms.includes(roomId) ? membershipOf(roomId) : null;
      return Promise.resolve({ membership, isVisible: true });
    },
  });
  await memberships.enter(ada);
  const covered = new CoveredRooms({
    memberships,
    feed: {
      coveredSince: (roomId) => coveredSince.get(roomId) ?? Infinity,
      whenCovered: (roomId) => (coveredSince.has(roomId) ? null : (waiting.get(roomId)?.promise ?? null)),
    },
    now: () => performance.now(),
  });
  const cover = (roomId: RoomId) => {
    coveredSince.set(roomId, performance.now());
    waiting.get(roomId)?.resolve();
  };
  return { covered, asked, state, cover };
}

describe('rooms as they pass here', () => {
  it('are entered with one more reading of their list, however many they are', async () => {
    const { covered, asked, cover } = await scene();
    const entered = Promise.all(ROOMS.map((roomId) => covered.findMember(roomId, ada)));
    for (const roomId of ROOMS) {
      await Promise.resolve();
      cover(roomId);
    }
    await entered;
    expect(asked).toEqual(['list', 'list']);
    expect(ROOMS.every((roomId) => covered.isMember(roomId, ada))).toBe(true);
  });

  it('are refused to who was removed before they passed here', async () => {
    const { covered, asked, state, cover } = await scene();
    const [first = asRoomId(1)] = ROOMS;
    state.rooms = ROOMS.slice(1); // of which nothing was heard
    ROOMS.forEach(cover);
    await expect(covered.findMember(first, ada)).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    expect(asked).toEqual(['list', 'list', `room ${first}`]);
    expect(covered.isMember(first, ada)).toBe(false);
  });

  it('are waited for, where not all of them do, and not for longer than one may', async () => {
    const { covered, cover } = await scene();
    const waits = covered.whenAllPass(ada, 60_000);
    let isOver = false;
    void waits?.then(() => (isOver = true));
    ROOMS.slice(1).forEach(cover);
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    ROOMS.forEach(cover);
    await waits;
    expect(covered.whenAllPass(ada, 60_000)).toBeNull();
    const other = await scene();
    await other.covered.whenAllPass(ada, 0);
  });
});
