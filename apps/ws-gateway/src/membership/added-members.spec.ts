import { asRoomId, asUserId, type RoomId, type UserId } from '@chat/dto';
import { ChatError, createLogger } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ADDED_MEMBERS } from '../limits.ts';
import { AddedMembers } from './added-members.ts';

const [lobby, hall] = [asRoomId(7), asRoomId(8)];
const [ada, ben] = [asUserId(1), asUserId(2)];

let here: Set<UserId>;
let rows: Set<string>;
let known: Set<string>;
let asked: UserId[];
let underWay: number;
let mostUnderWay: number;
let isAway: boolean;
let joined: string[];
let added: AddedMembers;

beforeEach(() => {
  vi.useFakeTimers();
  here = new Set([ada, ben]);
  [rows, known] = [new Set(), new Set()];
  [asked, joined] = [[], []];
  [underWay, mostUnderWay] = [0, 0];
  isAway = false;
  added = new AddedMembers({
    memberships: {
      isHere: (userId) => here.has(userId),
      peek: (roomId, userId) => (known.has(`${roomId}/${userId}`) ? ({} as never) : undefined), // it is there
      relearn: async (userId) => {
        asked.push(userId);
        mostUnderWay = Math.max(mostUnderWay, (underWay += 1));
        await Promise.resolve();
        underWay -= 1;
        if (isAway) throw new ChatError('UNAVAILABLE');
        for (const row of rows) if (row.endsWith(`/${userId}`)) known.add(row);
      },
    },
    joined: (roomId, userId) => joined.push(`${roomId}/${userId}`),
    logger: createLogger('test', { level: 'silent', instanceId: 'test' }),
  });
});
afterEach(async () => {
  await added.stop();
  vi.useRealTimers();
});

function add(roomId: RoomId, userId: UserId): void {
  rows.add(`${roomId}/${userId}`);
  added.note(roomId, userId);
}

const later = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe('who is added to a room', () => {
  it('is known once the rows were read, at once where that was so before, and never where there is no session', async () => {
    known.add('8/1');
    add(hall, ada);
    expect([joined, asked]).toEqual([['8/1'], []]);
    here.delete(ben);
    add(lobby, ada);
    add(lobby, ben);
    await later();
    expect([joined, asked]).toEqual([['8/1', '7/1'], [ada]]);
  });

  it('is known when the rows can be read again, though nothing more is heard of it', async () => {
    isAway = true;
    add(lobby, ada);
    add(hall, ada);
    await later(60_000);
    expect(joined).toEqual([]);
    expect(asked.length).toBeLessThan(15);
    isAway = false;
    await later(ADDED_MEMBERS.againMaxMs);
    expect(joined).toEqual(['7/1', '8/1']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not told of a room that the rows do not have him in any more', async () => {
    added.note(lobby, ada);
    await later();
    expect([joined, asked]).toEqual([[], [ada]]);
  });

  it('is asked for together with others, so many at a time', async () => {
    const users = Array.from({ length: 3 * ADDED_MEMBERS.atOnce }, (_, n) => asUserId(n + 1));
    here = new Set(users);
    for (const userId of users) add(lobby, userId);
    await later();
    expect(joined).toHaveLength(users.length);
    expect(mostUnderWay).toBe(ADDED_MEMBERS.atOnce);
  });
});
