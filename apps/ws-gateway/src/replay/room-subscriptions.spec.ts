import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { createMetricsRegistry } from '@chat/service-kit';
import { FrameParser, headerOf, type StompFrame } from '@chat/stomp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveSession } from '../broker/live-session.ts';
import type { Subscription } from '../broker/requests.ts';
import type { RoomMessage } from '../broker/room-message.ts';
import { RoomTails } from '../broker/room-tails.ts';
import { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { DeliveryMarks } from '../receipts/delivery-marks.ts';
import { HeldSubscriptions } from './held-subscriptions.ts';
import type { Recovery, RoomReplay } from './room-replay.ts';
import { RoomSubscriptions } from './room-subscriptions.ts';

const room = asRoomId(7);
const message = (messageId: string, prev: string | null = null): RoomMessage => ({
  ...{
    roomId: room,
    messageId,
    senderId: asUserId(1),
    prev,
    offset: Number(messageId),
    body: Buffer.from('{}'),
    clientMessageId: null,
    isReplayed: false,
  },
});
const recovered: Recovery = {
  isRecovered: true,
  unbrokenFrom: 6,
  messages: [message('6', '5')],
  tail: { messageId: '6', offset: 6 },
  waiting: 'all',
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** One client of several rooms, of whose backlog the test decides. */
function scene(recovery: Promise<Recovery> = Promise.resolve(recovered)) {
  const subscriptions = new SubscriptionRegistry();
  const held = new HeldSubscriptions({ maxMessages: 2, maxBytes: 100_000 });
  const tails = new RoomTails(100);
  const replay = { recover: () => recovery } as unknown as RoomReplay; // the one method that is used
  const rooms = new RoomSubscriptions({
    ...{ subscriptions, held, tails, replay },
    marks: new DeliveryMarks({ findTail: () => undefined }),
    partitionOf: () => 0,
    readUpTo: () => 10,
    maxBacklogBytes: 1_000,
    now: () => Date.now(),
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
  });
  const frames: StompFrame[] = [];
  const backlog = { taken: null as PromiseWithResolvers<void> | null, isFullAfterEach: false };
  const session: LiveSession = {
    sessionId: 's',
    userId: asUserId(1),
    version: '1.2',
    receiver: {
      outboundBytes: 0,
      sendFramed: (frame) => {
        const parser = new FrameParser();
        parser.setVersion('1.2');
        parser.push(frame.subarray(frame[1] === 126 ? 4 : 2));
        frames.push(parser.next() as StompFrame);
        if (backlog.isFullAfterEach) backlog.taken = Promise.withResolvers();
      },
      sendSheddable: () => true,
      whenTaken: () => backlog.taken?.promise ?? null,
    },
    subscriptionTo: () => undefined,
    fail: () => {},
  };
  const drain = () => {
    const { taken } = backlog;
    backlog.taken = null;
    taken?.resolve();
  };
  const open = (id = '0') => {
    const subscription: Subscription = {
      ...{ id, headerId: id, destination: '/topic/chat_rooms/7', unacknowledged: null },
      target: { kind: 'room', roomId: room },
      replay: { kind: 'since', messageId: asMessageId(5) },
    };
    const outcome = rooms.open({ session, subscription, roomId: room, dueAt: Date.now() + 4_000 });
    return { outcome, subscription };
  };
  return { rooms, open, frames, held, tails, subscriptions, backlog, drain };
}

const idsOf = (frames: readonly StompFrame[]) => frames.map((frame) => headerOf(frame, 'message-id'));

describe('going live behind a replay', () => {
  it('sends what was missed, then what waited, which follows it', async () => {
    const { open, held, frames, tails } = scene();
    const { outcome } = open();
    held.take(message('7'));
    expect(await outcome).toEqual({ recovered: 'true' });
    expect(frames.map((frame) => [headerOf(frame, 'message-id'), headerOf(frame, 'prev')])).toEqual([
      ['6', '5'],
      ['7', '6'],
    ]);
    expect(tails.find(0, room)?.messageId).toBe('6');
  });

  it('remembers no place of a log before as that of the last message: nothing here has come so far', async () => {
    const { open, tails } = scene(Promise.resolve({ ...recovered, tail: { messageId: '6', offset: 900 } }));
    expect(await open().outcome).toEqual({ recovered: 'true' });
    expect(tails.find(0, room)).toBeUndefined();
  });

  it('waits while the client has not taken what waits for it, one replay after another', async () => {
    const { open, frames, backlog, drain } = scene();
    backlog.taken = Promise.withResolvers();
    backlog.isFullAfterEach = true;
    const outcomes = ['0', '1', '2'].map((id) => open(id).outcome);
    for (const count of [0, 1, 2, 3]) {
      await vi.advanceTimersByTimeAsync(10);
      expect(frames).toHaveLength(count);
      drain();
    }
    expect(await Promise.all(outcomes)).toEqual(Array(3).fill({ recovered: 'true' }));
  });

  it('recovers nothing for a client that does not take it in time, and is live', async () => {
    const { open, frames, held, backlog, subscriptions } = scene();
    backlog.taken = Promise.withResolvers();
    const { outcome } = open();
    held.take(message('7'));
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await outcome).toEqual({ recovered: 'false' });
    expect(idsOf(frames)).toEqual(['7']);
    expect(subscriptions.ofRoom(room)).toBeDefined();
  });

  it('recovers nothing where more came than may wait, however late', async () => {
    const { open, held, backlog, drain } = scene();
    backlog.taken = Promise.withResolvers();
    const { outcome } = open();
    await vi.advanceTimersByTimeAsync(10);
    for (const id of ['7', '8', '9']) held.take(message(id));
    drain();
    expect(await outcome).toEqual({ recovered: 'false' });
  });

  it('does not happen once the subscription is closed, also while the client takes what waits', async () => {
    const { rooms, open, frames, backlog, drain, subscriptions } = scene();
    backlog.taken = Promise.withResolvers();
    const { outcome, subscription } = open();
    await vi.advanceTimersByTimeAsync(10);
    rooms.close({} as LiveSession, subscription, room);
    drain();
    expect(await outcome).toEqual({ recovered: 'false' });
    expect([frames, subscriptions.ofRoom(room)]).toEqual([[], undefined]);
  });

  it('is at once where the last message that the client saw is the last that there is', async () => {
    const { open, tails, subscriptions } = scene(new Promise(() => {}));
    tails.pass(0, room, { messageId: '5', offset: 5 });
    const { outcome } = open();
    expect(subscriptions.ofRoom(room)).toBeDefined();
    expect(await outcome).toEqual({ recovered: 'true' });
  });
});
