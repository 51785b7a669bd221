import { asUserId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { statusOfAll } from './message-status.ts';

const waits = { isDelivered: false, isRead: false };
const delivered = { isDelivered: true, isRead: false };
const read = { isDelivered: true, isRead: true };
const statusOf = (...states: (typeof waits)[]) =>
  statusOfAll(states.map((state, n) => ({ userId: asUserId(n + 1), ...state })));

describe('the status of a message', () => {
  it('is what all of its recipients have reached', () => {
    expect(statusOf(read, delivered, waits).status).toBe('PERSISTED');
    expect(statusOf(read, delivered).status).toBe('DELIVERED');
    expect(statusOf(read, read).status).toBe('READ');
  });

  it('is PERSISTED where it was written to nobody', () => {
    expect(statusOf()).toEqual({ status: 'PERSISTED', deliveredCount: 0, readCount: 0, members: [] });
  });

  it('counts who has got it and who has read it, and says so of each', () => {
    expect(statusOf(read, delivered, waits)).toMatchObject({
      deliveredCount: 2,
      readCount: 1,
      members: [
        { userId: 1, status: 'READ' },
        { userId: 2, status: 'DELIVERED' },
        { userId: 3, status: 'PERSISTED' },
      ],
    });
  });

  it('takes what is read as delivered, though no mark of that came', () => {
    expect(statusOf({ isDelivered: false, isRead: true })).toMatchObject({ status: 'READ', deliveredCount: 1 });
  });
});
