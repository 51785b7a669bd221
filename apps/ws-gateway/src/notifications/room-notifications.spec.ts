import type { MemberUnread } from '@chat/database';
import { asRoomId, asUserId, type RoomId, type UserId } from '@chat/dto';
import { ChatError, createLogger, createMetricsRegistry } from '@chat/service-kit';
import { FrameParser, headerOf, type StompFrame } from '@chat/stomp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpenSession } from '../broker/gateway.ts';
import { NO_REPLAY } from '../broker/replay-request.ts';
import { NOTIFICATION_LIMITS } from '../limits.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { RoomNotifications } from './room-notifications.ts';

const [lobby, hall] = [asRoomId(7), asRoomId(8)];
const [ann, bob] = [asUserId(1), asUserId(2)];
const { tickMs, everyMs, waitMs, answerMs, retryMs } = NOTIFICATION_LIMITS;
const EPOCH = 3;

let members: Set<string>;
/** Who is no member any more, of which this instance has not heard. */
let removed: Set<string>;
let open: Set<string>;
let unread: Map<string, Partial<MemberUnread>>;
let questions: number[];
let isAway: boolean;
let isSlow: boolean;
let storedUpTo: number;
let isBroken: boolean;
let notifications: RoomNotifications;

beforeEach(() => {
  vi.useFakeTimers();
  members = new Set(['7/1', '7/2', '8/2']);
  removed = new Set();
  open = new Set();
  unread = new Map();
  questions = [];
  isAway = false;
  isSlow = false;
  storedUpTo = 0;
  isBroken = false;
  notifications = new RoomNotifications({
    memberships: {
      peek: (roomId, userId) => (members.has(`${roomId}/${userId}`) ? ({} as never) : undefined), // it is there
      roomsOf: (userId) => [lobby, hall].filter((roomId) => members.has(`${roomId}/${userId}`)),
    },
    tabs: { hasOpen: ({ sessionId }, roomId) => open.has(`${sessionId} ${roomId}`) },
    rows: {
      listUnreadOfMembers: async (asked) => {
        questions.push(asked.length);
        if (isAway) throw new ChatError('UNAVAILABLE');
        return asked.flatMap(({ roomId, userId }) => {
          const told = { unreadCount: 4, storedUpTo: { epoch: EPOCH, offset: 99 }, readUpTo: null };
          const isMember = members.has(`${roomId}/${userId}`) && !removed.has(`${roomId}/${userId}`);
          return isMember ? [{ roomId, userId, ...told, ...unread.get(`${roomId}/${userId}`) }] : [];
        });
      },
    },
    isStored: () => true,
    hasStored: (_, offset) => offset < storedUpTo,
    findEpoch: async () => EPOCH,
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
    logger: createLogger('test', { level: 'silent', instanceId: 'test' }),
    now: () => performance.now(),
  });
});
afterEach(async () => {
  await notifications.stop();
  vi.useRealTimers();
});

/** A session that listens, and keeps what it gets. */
function listen(userId: UserId, sessionId = `s${userId}`) {
  const frames: StompFrame[] = [];
  const target = { kind: 'notifications' } as const;
  const about = { destination: '/user/queue/notifications', unacknowledged: null, replay: NO_REPLAY };
  const subscription = { id: 'n', headerId: 'n', target, ...about };
  const take = (frame: Buffer) => {
    const parser = new FrameParser();
    parser.setVersion('1.2');
    parser.push(frame.subarray(frame[1] === 126 ? 4 : 2));
    frames.push(parser.next() as StompFrame);
  };
  const session: OpenSession = {
    ...{
      sessionId,
      userId,
      caller: { userId, username: 'x', expiresAt: 1, token: { id: 't-1', issuedAt: null } },
      tokens: [],
      version: '1.2',
    },
    receiver: {
      outboundBytes: 0,
      sendFramed: () => expect.unreachable('a slow client may miss it'),
      sendSheddable: (frame) => {
        if (isBroken) throw new Error('broken');
        if (!isSlow) take(frame);
        return !isSlow;
      },
      whenTaken: () => null,
    },
    subscriptions: new Map(),
    subscriptionTo: (kind) => (kind === 'notifications' ? subscription : undefined),
    fail: () => {},
    renew: () => {},
    withdraw: () => {},
  };
  notifications.subscribe(session);
  const told = () =>
    frames.splice(0).map(({ body }) => {
      const { lastMessage, ...counts } = JSON.parse(new TextDecoder().decode(body)) as Record<string, { id: number }>;
      return { ...counts, ...(lastMessage && { message: lastMessage.id }) };
    });
  return { session, frames, told };
}

function write(roomId: RoomId, senderId: UserId, offset: number, content = 'hi'): void {
  const message = { id: offset, senderId, roomId, content, type: 'GROUP', timestamp: '2026-01-02T03:04:05Z' };
  if (!notifications.isNotified(roomId)) return;
  notifications.noteMessage(roomId, { senderId, offset, body: new TextEncoder().encode(JSON.stringify(message)) });
}

const pass = (ms = tickMs) => vi.advanceTimersByTimeAsync(ms);

describe('notifications', () => {
  it('tell the message, cut to a preview by code points, and what is unread', async () => {
    const { frames } = listen(bob);
    write(lobby, ann, 5, '😀'.repeat(500));
    await pass();
    expect(frames.map(({ body }) => JSON.parse(new TextDecoder().decode(body)) as unknown)).toEqual([
      {
        roomId: 7,
        unreadCount: 4,
        lastMessage: {
          ...{ id: 5, senderId: 1, roomId: 7, content: '😀'.repeat(200), type: 'GROUP' },
          timestamp: '2026-01-02T03:04:05Z',
        },
      },
    ]);
    expect(headerOf(frames[0] as StompFrame, 'destination')).toBe('/user/queue/notifications');
  });

  it('go to every device that does not have the room open, one a second, and to nobody of the own message', async () => {
    const [atHome, atWork, ofAnn] = [listen(bob, 'home'), listen(bob, 'work'), listen(ann)];
    open.add('work 7');
    write(lobby, ann, 5);
    await pass();
    write(lobby, ann, 6);
    write(lobby, ann, 7);
    await pass(everyMs - tickMs);
    expect(atHome.told()).toEqual([{ roomId: 7, unreadCount: 4, message: 5 }]);
    await pass(2 * tickMs);
    expect(atHome.told()).toEqual([{ roomId: 7, unreadCount: 4, message: 7 }]);
    expect([atWork.told(), ofAnn.told()]).toEqual([[], []]);
  });

  it('ask nothing where everybody sees the room, and once for all that is due', async () => {
    const [ofBob] = [listen(bob), listen(ann)];
    for (const session of ['s1', 's2']) open.add(`${session} 7`);
    write(lobby, ann, 5);
    await pass();
    expect(questions).toEqual([]);
    open.clear();
    await pass(everyMs);
    write(lobby, asUserId(9), 6);
    write(hall, ann, 7);
    await pass(2 * everyMs);
    expect(questions).toEqual([3]);
    expect(ofBob.told()).toHaveLength(2);
  });

  it('wait until the rows have the message, and then go without a count', async () => {
    const { told } = listen(bob);
    unread.set('7/2', { storedUpTo: { epoch: EPOCH, offset: 4 } });
    write(lobby, ann, 5);
    await pass(tickMs + retryMs);
    expect(told()).toEqual([]);
    unread.set('7/2', { storedUpTo: { epoch: EPOCH, offset: 5 }, unreadCount: 6 });
    await pass(retryMs + tickMs);
    expect(told()).toEqual([{ roomId: 7, unreadCount: 6, message: 5 }]);

    unread.set('7/2', { storedUpTo: { epoch: EPOCH - 1, offset: 999 } }); // of another log
    write(lobby, ann, 6);
    await pass(everyMs + waitMs + retryMs + tickMs);
    expect(told()).toEqual([{ roomId: 7, message: 6 }]);
    unread.set('7/2', { storedUpTo: { epoch: EPOCH, offset: 6 }, unreadCount: 7 });
    await pass(3 * everyMs);
    expect(told()).toEqual([{ roomId: 7, unreadCount: 7 }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('do not wait for a row of what is stored and has none, for it repeats an earlier message', async () => {
    const { told } = listen(bob);
    unread.set('7/2', { storedUpTo: { epoch: EPOCH, offset: 4 } });
    storedUpTo = 6;
    write(lobby, ann, 5);
    await pass();
    expect(told()).toEqual([{ roomId: 7, unreadCount: 4, message: 5 }]);
  });

  it('are told without a count while Postgres is away, which follows when it is back', async () => {
    const { told } = listen(bob);
    isAway = true;
    write(lobby, ann, 5);
    await pass(waitMs + answerMs + retryMs);
    expect(told()).toEqual([{ roomId: 7, message: 5 }]);
    isAway = false;
    await pass(2 * everyMs);
    expect(told()).toEqual([{ roomId: 7, unreadCount: 4 }]);
    write(lobby, ann, 6);
    await pass(everyMs + tickMs);
    expect(told()).toEqual([{ roomId: 7, unreadCount: 4, message: 6 }]);
  });

  it('go on after one that could not be told', async () => {
    const { told } = listen(bob);
    isBroken = true;
    write(lobby, ann, 5);
    await pass();
    isBroken = false;
    write(lobby, ann, 6);
    await pass(everyMs + tickMs);
    expect(told()).toEqual([{ roomId: 7, unreadCount: 4, message: 6 }]);
  });

  it('tell that something was read however late the mark is stored', async () => {
    const { told } = listen(bob);
    unread.set('7/2', { readUpTo: null });
    notifications.noteRead(lobby, bob, { epoch: EPOCH, offset: 5 });
    await pass(60_000);
    expect(told()).toEqual([]);
    unread.set('7/2', { readUpTo: { epoch: EPOCH, offset: 5 }, unreadCount: 0 });
    await pass(NOTIFICATION_LIMITS.retryMaxMs);
    expect(told()).toEqual([{ roomId: 7, unreadCount: 0 }]);
    expect(questions.length).toBeLessThan(30);
  });

  it('tell all devices what is unread once a mark of reading is stored, also those that have the room open', async () => {
    const [atHome, atWork] = [listen(bob, 'home'), listen(bob, 'work')];
    open.add('work 7');
    unread.set('7/2', { readUpTo: { epoch: EPOCH, offset: 4 } });
    notifications.noteRead(lobby, bob, { epoch: EPOCH, offset: 5 });
    notifications.noteRead(lobby, ann, { epoch: EPOCH, offset: 5 }); // who does not listen
    await pass(tickMs + retryMs);
    expect(atHome.told()).toEqual([]);
    unread.set('7/2', { readUpTo: { epoch: EPOCH, offset: 6 }, unreadCount: 0 });
    await pass(retryMs + tickMs);
    expect([atHome.told(), atWork.told()]).toEqual([[{ roomId: 7, unreadCount: 0 }], [{ roomId: 7, unreadCount: 0 }]]);
  });

  it('that a slow client has missed come as a count once it is no longer slow', async () => {
    const { told } = listen(bob);
    isSlow = true;
    write(lobby, ann, 5);
    await pass(3 * everyMs);
    isSlow = false;
    await pass(everyMs + tickMs);
    expect(told()).toEqual([{ roomId: 7, unreadCount: 4 }]);
  });

  it('begin with the membership and end with it, whatever is under way', async () => {
    const { told } = listen(ann);
    write(hall, bob, 5);
    members.add('8/1');
    notifications.joined(hall, ann);
    write(hall, bob, 6);
    await pass();
    expect(told()).toEqual([{ roomId: 8, unreadCount: 4, message: 6 }]);
    write(hall, bob, 7);
    await pass();
    members.delete('8/1');
    notifications.left(hall, ann);
    await pass(2 * everyMs);
    expect(told()).toEqual([]);
    expect(notifications.isNotified(hall)).toBe(false);
  });

  it('come to nobody of whom the rows say that he is no member', async () => {
    const { told } = listen(bob);
    removed.add('7/2');
    write(lobby, ann, 5);
    await pass(waitMs + everyMs);
    expect(told()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('end with the last subscription of the session, and nothing ticks where nothing waits', async () => {
    const { session, told } = listen(bob);
    notifications.subscribe(session);
    notifications.unsubscribe(session);
    write(lobby, ann, 5);
    await pass();
    expect(told()).toHaveLength(1);
    await pass();
    expect(vi.getTimerCount()).toBe(0);
    notifications.unsubscribe(session);
    notifications.unsubscribe(session);
    expect(notifications.isNotified(lobby)).toBe(false);
  });
});
