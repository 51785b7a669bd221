import { asRoomId } from '@chat/dto';
import { SharedRates } from '@chat/redis';
import { describe, expect, it } from 'vitest';
import { RoomQuota } from './room-quota.ts';

const [one, other] = [asRoomId(7), asRoomId(8)];

/** A quota of 2 messages a second: 20 at once. */
function quotaOfTwo() {
  let refusals = 0;
  const rates = new SharedRates({ share: async () => [], now: () => 0 });
  const quota = new RoomQuota({ rate: rates.limit('room-sends', 2), refused: () => (refusals += 1) });
  const takeMany = (count: number) => {
    for (let taken = 0; taken < count; taken += 1) quota.take(one);
  };
  return { quota, takeMany, refusals: () => refusals };
}

describe('what a room takes', () => {
  it('is refused with the limit, and when to come again, and counted; another room takes what it takes', () => {
    const { quota, takeMany, refusals } = quotaOfTwo();
    takeMany(20);
    expect(() => quota.take(one)).toThrow(
      expect.objectContaining({
        code: 'RATE_LIMITED',
        message: 'A room takes 2 messages a second; send again in 10 s.',
      }),
    );
    expect(refusals()).toBe(1);
    quota.take(other);
  });

  it('is taken for all messages of a transaction, or for none, of whichever room', () => {
    const { quota, takeMany } = quotaOfTwo();
    takeMany(19);
    expect(() => quota.takeTogether([other, one, one])).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
    quota.takeTogether([one, ...Array.from({ length: 20 }, () => other)]);
  });

  it('is never as much as a transaction that is larger, which need not come again', () => {
    const { quota } = quotaOfTwo();
    const roomIds = [other, ...Array.from({ length: 21 }, () => one)];
    expect(() => quota.takeTogether(roomIds)).toThrow(
      expect.objectContaining({
        code: 'TRANSACTION_TOO_LARGE',
        retryable: false,
        message: 'A room takes at most 20 messages of a transaction.',
      }),
    );
    quota.takeTogether(roomIds.slice(2));
  });
});
