import type { MessageReceiptsDTO, RoomNotificationDTO, RoomPresenceDTO, UnreadDTO, UserPresenceDTO } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { applyPresence, UNKNOWN_PRESENCE } from './presence-model.ts';
import { applyReceipts, NO_RECEIPTS, RECEIPTS_MAX_COUNT } from './receipts-model.ts';
import { ticksOf } from './ticks.ts';
import { TypingSignals } from './typing-signals.ts';
import { applyNotification, UNKNOWN_UNREAD, unreadOf } from './unread-model.ts';

const user = (id: number, isOnline: boolean, version: number, event?: string) =>
  ({ id, isOnline, version, ...(event && { event }) }) as UserPresenceDTO; // plain numbers as ids
const many = (kind: 'STATE' | 'CHANGES', onlineCount: number, users: readonly UserPresenceDTO[], more = {}) =>
  ({ roomId: 7, kind, onlineCount, users, ...more }) as RoomPresenceDTO; // as above
const state = many('STATE', 1, [user(1, true, 17), user(2, false, 0)], { isComplete: true });
const small = applyPresence(UNKNOWN_PRESENCE, state);

describe('presence', () => {
  it('is the STATE, and what changes on top of it', () => {
    expect(small).toMatchObject({ onlineCount: 1, isComplete: true, isStale: false });
    const after = applyPresence(small, user(2, true, 3, 'ONLINE'));
    expect(after.onlineCount).toBe(2);
    expect(after.users.get(2)).toEqual({ isOnline: true, version: 3, event: 'ONLINE' });
    expect(applyPresence(after, user(2, true, 4, 'RECONNECTED')).onlineCount).toBe(2);
    expect(applyPresence(after, user(2, false, 5, 'OFFLINE')).onlineCount).toBe(1);
  });

  it('takes no word that is older than what is known', () => {
    expect(applyPresence(small, user(1, false, 16, 'OFFLINE'))).toBe(small);
    expect(applyPresence(small, many('CHANGES', 1, [user(1, false, 16)])).users.get(1)?.isOnline).toBe(true);
  });

  it('knows who joined, and forgets who left', () => {
    const joined = applyPresence(small, user(3, true, 1, 'JOINED'));
    expect(joined.onlineCount).toBe(2);
    const left = applyPresence(joined, user(3, true, 2, 'LEFT'));
    expect([left.onlineCount, left.users.has(3)]).toEqual([1, false]);
  });

  it('of a large room is a number, until everybody has been named', () => {
    const large = applyPresence(small, many('STATE', 612, []));
    expect(large).toMatchObject({ onlineCount: 612, isComplete: false, users: new Map() });
    const part = applyPresence(large, many('CHANGES', 613, [user(5, true, 2)], { isStale: true }));
    expect(part).toMatchObject({ onlineCount: 613, isComplete: false, isStale: true });
    const all = applyPresence(part, many('CHANGES', 613, [user(6, true, 2)], { isComplete: true }));
    expect([all.isComplete, all.isStale, all.users.size]).toEqual([true, false, 2]);
    expect(applyPresence(all, many('CHANGES', 612, [user(6, false, 3)])).isComplete).toBe(true);
  });

  it('of somebody who was not named moves the number only where they came or went', () => {
    const large = applyPresence(small, many('STATE', 612, []));
    const countAfter = (isOnline: boolean, event: string) =>
      applyPresence(large, user(9, isOnline, 1, event)).onlineCount;
    expect([countAfter(true, 'ONLINE'), countAfter(false, 'OFFLINE')]).toEqual([613, 611]);
    expect([countAfter(true, 'RECONNECTED'), countAfter(false, 'JOINED'), countAfter(false, 'LEFT')]).toEqual([612, 612, 612]); // prettier-ignore
  });
});

describe('ticks', () => {
  const told = (messageId: number, status: string) =>
    ({ roomId: 7, receipts: [{ messageId, status, deliveredCount: 0, readCount: 0 }] }) as MessageReceiptsDTO; // plain numbers
  const messages = [1, 2, 3, 4].map((id) => ({ id, senderId: id === 3 ? 9 : 1 }));

  it('are what was told of a message, and at least that for all one’s own before it', () => {
    const receipts = applyReceipts(applyReceipts(NO_RECEIPTS, told(2, 'READ')), told(4, 'PERSISTED'));
    expect(ticksOf(messages, receipts, 1)).toEqual(new Map([[1, 'READ'], [2, 'READ'], [4, 'PERSISTED']])); // prettier-ignore
    expect(ticksOf(messages, applyReceipts(NO_RECEIPTS, told(4, 'DELIVERED')), 1).get(1)).toBe('DELIVERED');
  });

  it('are SENT where nothing was told, and only of one’s own messages', () => {
    expect([...ticksOf(messages, NO_RECEIPTS, 9)]).toEqual([[3, 'SENT']]);
    expect(ticksOf(messages, NO_RECEIPTS, null).size).toBe(0);
  });

  it('are remembered of a bounded number of messages, the newest told of', () => {
    let receipts = NO_RECEIPTS;
    for (let id = 1; id <= RECEIPTS_MAX_COUNT + 5; id += 1) receipts = applyReceipts(receipts, told(id, 'SENT'));
    expect([receipts.byMessage.size, receipts.byMessage.has(5), receipts.byMessage.has(6)]).toEqual([RECEIPTS_MAX_COUNT, false, true]); // prettier-ignore
  });
});

describe('what is unread', () => {
  const answer = { total: 3, rooms: [{ roomId: 7, unreadCount: 3 }] } as UnreadDTO; // plain numbers as ids
  const news = (roomId: number, unreadCount?: number) => ({ roomId, ...(unreadCount !== undefined && { unreadCount }) }) as RoomNotificationDTO; // prettier-ignore

  it('is what REST says, then what each notification says of its room', () => {
    const before = unreadOf(answer, []);
    expect(before).toEqual({ total: 3, byRoom: new Map([[7, 3]]) });
    expect(applyNotification(before, news(8, 1)).total).toBe(4);
    expect(applyNotification(before, news(7, 0))).toEqual({ total: 0, byRoom: new Map() });
    expect(applyNotification(before, news(7))).toBe(before);
  });

  it('goes by the notifications that came while REST was asked', () => {
    expect(unreadOf(answer, [news(7, 4), news(9, 1)])).toEqual({ total: 5, byRoom: new Map([[7, 4], [9, 1]]) }); // prettier-ignore
    expect(applyNotification(UNKNOWN_UNREAD, news(7, 1)).total).toBeNull();
  });
});

describe('typing', () => {
  it('is said at the first key, then once in a while, and its end at once', () => {
    const signals = new TypingSignals(3_000);
    const said = [0, 100, 2_999, 3_000].map((at) => signals.next(true, at));
    expect(said).toEqual([true, null, null, true]);
    expect([signals.next(false, 3_100), signals.next(false, 3_200), signals.next(true, 3_300)]).toEqual([
      false,
      null,
      true,
    ]);
  });

  it('is said anew by who writes on after a message', () => {
    const signals = new TypingSignals(3_000);
    signals.next(true, 0);
    signals.forget();
    expect(signals.next(true, 10)).toBe(true);
  });
});
