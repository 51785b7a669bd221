import { asRoomId, asUserId, type RoomId } from '@chat/dto';
import type { TypingSignal } from '@chat/redis';
import { createMetricsRegistry } from '@chat/service-kit';
import { FrameParser, headerOf, type StompFrame } from '@chat/stomp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveSession } from '../broker/live-session.ts';
import { NO_REPLAY } from '../broker/replay-request.ts';
import type { Subscription } from '../broker/requests.ts';
import { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { RoomTyping } from './room-typing.ts';

const room = asRoomId(7);
const [ada, ben] = [asUserId(1), asUserId(2)];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A session that keeps the typing frames it gets; a slow one is spared them all. */
function listener(userId: typeof ada, sessionId: string, isSlow = false) {
  const frames: StompFrame[] = [];
  const subscription: Subscription = {
    id: 't',
    headerId: 't',
    destination: '/topic/chat_rooms/7/typing',
    target: { kind: 'typing', roomId: room },
    unacknowledged: null,
    replay: NO_REPLAY,
  };
  const take = (frame: Buffer) => {
    const parser = new FrameParser();
    parser.setVersion('1.2');
    parser.push(frame.subarray(frame[1] === 126 ? 4 : 2));
    frames.push(parser.next() as StompFrame);
  };
  const session: LiveSession = {
    sessionId,
    userId,
    version: '1.2',
    receiver: {
      outboundBytes: 0,
      sendFramed: () => expect.unreachable('typing can be shed'),
      sendSheddable: (frame) => (isSlow ? false : (take(frame), true)),
      whenTaken: () => null,
    },
    subscriptionTo: () => undefined,
    fail: () => {},
  };
  const bodies = () => frames.map(({ body }) => JSON.parse(new TextDecoder().decode(body)) as unknown);
  return { session, subscription, frames, bodies };
}

function scene() {
  const channels: string[] = [];
  const signals: TypingSignal[] = [];
  const metrics = createGatewayMetrics(createMetricsRegistry('test'), () => 0);
  const typing = new RoomTyping({
    subscriptions: new SubscriptionRegistry(),
    channels: {
      open: (roomId: RoomId) => void channels.push(`open ${roomId}`),
      close: (roomId: RoomId) => void channels.push(`close ${roomId}`),
      publish: (_, { userId, sessionId, lifeMs }) => signals.push({ userId, sessionId, lifeMs }) > 0,
    },
    metrics,
    now: () => Date.now(),
  });
  const deliveries = async () => (await metrics.deliveries.get()).values.filter(({ value }) => value > 0);
  return { typing, channels, signals, deliveries };
}

describe('typing in a room', () => {
  it('reaches the subscribers here as frames that a slow client may miss, and is counted', async () => {
    const { typing, deliveries } = scene();
    const [quick, slow] = [listener(ben, 's2'), listener(ben, 's3', true)];
    for (const { session, subscription } of [quick, slow]) typing.subscribe(session, subscription, room);
    typing.said({ userId: ada, sessionId: 's1' }, room, true);
    expect(quick.bodies()).toEqual([{ roomId: 7, userIds: [1], count: 1 }]);
    expect(slow.frames).toEqual([]);
    expect(headerOf(quick.frames[0] as StompFrame, 'destination')).toBe('/topic/chat_rooms/7/typing');
    expect(await deliveries()).toEqual([{ labels: { source: 'typing' }, value: 1 }]);
  });

  it('is told first to who subscribes while somebody types, under a message id of its own', () => {
    const { typing } = scene();
    const { session, subscription, bodies, frames } = listener(ben, 's2');
    typing.said({ userId: ada, sessionId: 's1' }, room, true);
    typing.subscribe(session, subscription, room);
    expect(bodies()).toEqual([{ roomId: 7, userIds: [1], count: 1 }]);
    typing.cleared(room, ada);
    expect(bodies().at(-1)).toEqual({ roomId: 7, userIds: [], count: 0 });
    expect(new Set(frames.map((frame) => headerOf(frame, 'message-id'))).size).toBe(2);
  });

  it('is told nothing of to who subscribes while nobody types', () => {
    const { typing } = scene();
    const { session, subscription, frames } = listener(ben, 's2');
    typing.subscribe(session, subscription, room);
    expect(frames).toEqual([]);
  });

  it('ends by itself, and the timer with it', () => {
    const { typing } = scene();
    const { session, subscription, bodies } = listener(ben, 's2');
    typing.subscribe(session, subscription, room);
    expect(vi.getTimerCount()).toBe(0);
    typing.said({ userId: ada, sessionId: 's1' }, room, true);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(10_600);
    expect(bodies()).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has no timer once it is stopped', async () => {
    const { typing } = scene();
    typing.said({ userId: ada, sessionId: 's1' }, room, true);
    await typing.stop();
    typing.ended({ userId: ada, sessionId: 's1' });
    typing.said({ userId: ben, sessionId: 's2' }, room, true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the channel of a room', () => {
  it('is open from the first subscriber here to the last', () => {
    const { typing, channels } = scene();
    const [one, two] = [listener(ada, 's1'), listener(ben, 's2')];
    typing.said({ userId: ada, sessionId: 's1' }, room, true);
    expect(channels).toEqual([]);
    typing.subscribe(one.session, one.subscription, room);
    typing.subscribe(two.session, two.subscription, room);
    typing.unsubscribe(one.session, one.subscription, room);
    typing.unsubscribe(one.session, one.subscription, room);
    expect(channels).toEqual(['open 7']);
    typing.unsubscribe(two.session, two.subscription, room);
    expect(channels).toEqual(['open 7', 'close 7']);
  });

  it('tells others of a session here, and what others say to the subscribers here', () => {
    const { typing, signals } = scene();
    const { session, subscription, bodies } = listener(ben, 's2');
    typing.subscribe(session, subscription, room);
    typing.heard(room, { userId: ada, sessionId: 'elsewhere', lifeMs: 5_000 });
    expect(signals).toEqual([]);
    vi.advanceTimersByTime(1_000);
    typing.heard(room, { userId: ada, sessionId: null, lifeMs: 0 });
    expect(bodies()).toEqual([
      { roomId: 7, userIds: [1], count: 1 },
      { roomId: 7, userIds: [], count: 0 },
    ]);
    typing.said(session, room, true);
    typing.left(session, room);
    expect(signals).toEqual([
      { userId: 2, sessionId: 's2', lifeMs: 10_000 },
      { userId: 2, sessionId: 's2', lifeMs: 0 },
    ]);
  });
});
