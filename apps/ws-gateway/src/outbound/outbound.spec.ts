import {
  asMessageId,
  asRoomId,
  asUserId,
  type CommandDTO,
  type PresenceEventDTO,
  type Revocation,
  type RoomEventDTO,
  type RoomId,
} from '@chat/dto';
import { partitionOf, type RawRecord } from '@chat/kafka-contracts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLogger, createMetricsRegistry } from '@chat/service-kit';
import { FrameParser, headerOf, type StompFrame } from '@chat/stomp';
import { describe, expect, it, vi } from 'vitest';
import type { LiveSession } from '../broker/live-session.ts';
import { KnownMessages } from '../broker/known-messages.ts';
import { RecentMessages } from '../broker/recent-messages.ts';
import { NO_REPLAY } from '../broker/replay-request.ts';
import type { Subscription } from '../broker/requests.ts';
import { RoomTails } from '../broker/room-tails.ts';
import { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import { parseSubscribeDestination } from '../broker/destinations.ts';
import { PendingSends } from '../broker/pending-sends.ts';
import { MembershipIndex } from '../membership/membership-index.ts';
import { createRemovals } from '../membership/removals.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { RoomWatch } from '../presence/room-watch.ts';
import { DeliveryMarks } from '../receipts/delivery-marks.ts';
import type { SentMessage } from '../receipts/sender-receipts.ts';
import { HeldSubscriptions } from '../replay/held-subscriptions.ts';
import { ChatMessagesConsumer } from './chat-messages.ts';
import { CommandMessagesConsumer } from './command-messages.ts';
import { PresenceMessagesConsumer } from './presence-messages.ts';
import { RoomEventsConsumer } from './room-events.ts';

const logger = createLogger('test', { level: 'silent', instanceId: 'test' });
const metrics = createGatewayMetrics(createMetricsRegistry('test'), () => 0);
const [room, ada, ben] = [asRoomId(7), asUserId(1), asUserId(2)];
const at = '2025-04-29T15:23:00Z';
/** When the records were made, in Unix ms, and how much later they are read. */
const MADE_AT = Date.parse(at);
const READ_AFTER_MS = 30;
const PARTITIONS = 12;
const PARTITION = partitionOf('7', PARTITIONS);
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (frame: StompFrame) => new TextDecoder().decode(frame.body);

/** The same, after what many recipients take. */
function afterMs(ms: number, frame: Buffer): Buffer {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return frame;
}

/** A session of a user that listens to some destinations and keeps what it gets. */
function listener(registry: SubscriptionRegistry, userId: typeof ada, ...destinations: string[]) {
  const frames: StompFrame[] = [];
  const subscriptions = destinations.map((destination, index): Subscription => {
    const target = parseSubscribeDestination(destination);
    if (target === null) throw new Error(`no destination ${destination}`);
    return { id: `${index}`, headerId: `${index}`, destination, target, unacknowledged: null, replay: NO_REPLAY };
  });
  const take = (frame: Buffer) => {
    const parser = new FrameParser();
    parser.setVersion('1.2');
    parser.push(frame.subarray(frame[1] === 126 ? 4 : 2));
    frames.push(parser.next() as StompFrame);
  };
  const session: LiveSession = {
    sessionId: `s${userId}`,
    userId,
    version: '1.2',
    receiver: {
      outboundBytes: 0,
      sendFramed: take,
      sendSheddable: (frame) => (take(frame), true),
      whenTaken: () => null,
    },
    subscriptionTo: (kind) => subscriptions.find(({ target }) => target.kind === kind),
    fail: () => {},
  };
  for (const subscription of subscriptions) registry.add(session, subscription);
  return { session, frames };
}

describe('chat-messages', () => {
  const message = { id: 42, senderId: 1, roomId: 7, content: 'hi', type: 'GROUP', timestamp: at };
  const record = (value: unknown, offset: number, headers: RawRecord['headers'] = {}) => ({
    key: bytes('7'),
    value: bytes(JSON.stringify(value)),
    headers,
    offset,
    timestamp: MADE_AT,
  });

  function scene() {
    const subscriptions = new SubscriptionRegistry();
    const pending = new PendingSends();
    const known = new KnownMessages();
    const held = new HeldSubscriptions({ maxMessages: 100, maxBytes: 100_000 });
    const removed = vi.fn();
    const notified = new Set<RoomId>();
    const news: unknown[] = [];
    const sent: SentMessage[] = [];
    const tails = new RoomTails(1_000);
    const consumer = new ChatMessagesConsumer({
      subscriptions,
      held,
      marks: new DeliveryMarks({ findTail: () => undefined }),
      receipts: { isListening: (userId) => userId === 1, sent: (message) => void sent.push(message) },
      notifications: {
        isNotified: (roomId) => notified.has(roomId),
        noteMessage: (roomId, { senderId, offset }) => void news.push({ roomId, senderId, offset }),
      },
      recent: new RecentMessages(1_000),
      tails,
      pending,
      removed,
      known,
      partitionCount: () => PARTITIONS,
      clock: { now: () => MADE_AT + READ_AFTER_MS },
      tracing: null,
      stories: { passed: () => {} },
      metrics,
      logger,
    });
    return {
      consumer,
      removed,
      pending,
      tails,
      known,
      held,
      notified,
      news,
      sent,
      listenTo: (userId: typeof ada) => listener(subscriptions, userId, '/topic/chat_rooms/7'),
    };
  }

  it('reach the subscribers of the room with the bytes of the record', async () => {
    const { consumer, listenTo } = scene();
    const { frames } = listenTo(ada);
    const sent = record({ ...message, later: 1 }, 0, { 'client-message-id': bytes('c-1'), 'sender-id': bytes('1') });
    await consumer.consume(PARTITION, [sent]);
    expect(frames).toHaveLength(1);
    const [frame] = frames as [StompFrame];
    expect(text(frame)).toBe(new TextDecoder().decode(sent.value));
    expect(headerOf(frame, 'message-id')).toBe('42');
    expect(headerOf(frame, 'client-message-id')).toBe('c-1');
  });

  it('tell once a batch how long the last of them took to the sockets, and nothing where nobody here got one', async () => {
    const measured = async () =>
      (await metrics.fanOutSeconds.get()).values.filter(({ metricName }) => /_(sum|count)$/.test(metricName ?? ''));
    await nextTurn(); // what tests before this one have left
    metrics.fanOutSeconds.reset();
    const { consumer, listenTo } = scene();
    await consumer.consume(PARTITION, [record(message, 0)]);
    await nextTurn();
    expect(await measured()).toEqual([]);
    listenTo(ada);
    await consumer.consume(PARTITION, [record({ ...message, id: 43 }, 1), record({ ...message, id: 44 }, 2)]);
    await nextTurn();
    expect(await measured()).toMatchObject([{ value: READ_AFTER_MS / 1_000 }, { value: 1 }]);
  });

  it('are noted as sent for senders who listen for that here, once each, whether or not anybody listens to the room', async () => {
    const { consumer, sent } = scene();
    const named = { 'client-message-id': bytes('c-1'), 'sender-id': bytes('1') };
    await consumer.consume(PARTITION, [
      record(message, 0, named),
      record(message, 1, named),
      record({ ...message, id: 43, senderId: 2 }, 2),
      record({ ...message, id: 44, kind: 'SYSTEM' }, 3),
    ]);
    expect(sent).toEqual([{ userId: 1, roomId: 7, messageId: 42, clientMessageId: 'c-1', offset: 0 }]);
  });

  it('are news, once each, where somebody is told of their room, unless they change another message', async () => {
    const { consumer, notified, news } = scene();
    await consumer.consume(PARTITION, [record({ ...message, id: 41 }, 0)]);
    notified.add(room);
    const own = { ce_id: bytes('42') };
    await consumer.consume(PARTITION, [
      record(message, 1, own),
      record(message, 2, own),
      record({ ...message, id: 43, kind: 'REACTION', targetId: 42 }, 3),
      record({ ...message, id: 44, kind: 'SYSTEM' }, 4),
    ]);
    expect(news).toEqual([{ roomId: room, senderId: 1, offset: 1 }]);
  });

  it('that tell of a removal reach the removed, and then are its cut, once, whoever listens here', async () => {
    const { consumer, removed, listenTo } = scene();
    const system = { event: 'MEMBER_REMOVED', userId: 1, version: 5, cause: 'LEFT' };
    const notice = (change: object) =>
      record({ ...message, kind: 'SYSTEM', system, ...change }, 0, { ce_id: bytes('42') });
    await consumer.consume(PARTITION, [notice({})]);
    expect(removed).toHaveBeenCalledExactlyOnceWith({ roomId: 7, userId: 1, version: 5 });
    const { frames } = listenTo(ada);
    removed.mockImplementation(() => expect(frames).toHaveLength(1));
    await consumer.consume(PARTITION, [notice({}), record({ ...message, kind: 'SYSTEM', system, id: 43 }, 1)]);
    expect(removed).toHaveBeenCalledTimes(2);
    expect(frames.map((frame) => headerOf(frame, 'message-id'))).toEqual(['43']);
  });

  it.each([
    { kind: 'EDIT', targetId: 1 },
    {},
    { kind: 'SYSTEM', system: { event: 'LATER_ONE', userId: 1, version: 5 } },
    { kind: 'SYSTEM', system: 1 },
  ])('are no cut with %j', async (change) => {
    const { consumer, removed, listenTo } = scene();
    const { frames } = listenTo(ada);
    const system = { event: 'MEMBER_REMOVED', userId: 1, version: 5 };
    await consumer.consume(PARTITION, [record({ ...message, system, ...change }, 0)]);
    expect(removed).not.toHaveBeenCalled();
    expect(frames).toHaveLength(1);
  });

  it('are known by their senders where somebody here gets them, and by their deletion everywhere', async () => {
    const { consumer, known, listenTo } = scene();
    const target = (id: number) => known.find(room, asMessageId(id));
    await consumer.consume(PARTITION, [
      record(message, 0),
      record({ ...message, id: 43, kind: 'DELETE', content: '', targetId: 41 }, 1),
    ]);
    expect([target(41)?.isDeleted, target(42)]).toEqual([true, undefined]);
    const { frames } = listenTo(ada);
    await consumer.consume(PARTITION, [
      record({ ...message, id: 44 }, 2),
      record({ ...message, id: 45, kind: 'EDIT', targetId: 44 }, 3),
      record({ ...message, id: 46, kind: 'SYSTEM' }, 4),
    ]);
    expect(frames.map((frame) => headerOf(frame, 'message-id'))).toEqual(['44', '45', '46']);
    expect(target(44)).toEqual({ senderId: 1, kind: null, isDeleted: false });
    expect(target(45)).toBeUndefined();
    expect(target(46)?.kind).toBe('SYSTEM');
    const repeated = record({ ...message, id: 47, kind: 'DELETE', content: '', targetId: 44 }, 5, {
      ce_id: bytes('47'),
    });
    await consumer.consume(PARTITION, [repeated, { ...repeated, offset: 6 }]);
    expect(target(44)?.isDeleted).toBe(true);
    expect(frames).toHaveLength(4);
  });

  it('are delivered once, also when the first was there before this instance was', async () => {
    const { consumer, listenTo } = scene();
    const { frames } = listenTo(ada);
    consumer.remember(PARTITION, [record(message, 0, { ce_id: bytes('42') })], true);
    await consumer.consume(PARTITION, [
      record(message, 1, { ce_id: bytes('42') }),
      record({ ...message, id: 43 }, 2, { ce_id: bytes('43') }),
    ]);
    expect(frames.map((frame) => headerOf(frame, 'message-id'))).toEqual(['43']);
  });

  it('name the message before them in the room, where it is known', async () => {
    const { consumer, listenTo } = scene();
    const { frames } = listenTo(ada);
    await consumer.consume(PARTITION, [
      record(message, 0, { ce_id: bytes('42') }),
      record(message, 1, { ce_id: bytes('42') }),
      record({ ...message, id: 43 }, 2),
      record({ ...message, content: 5 }, 3),
      record({ ...message, id: 44 }, 4),
    ]);
    expect(frames.map((frame) => headerOf(frame, 'prev'))).toEqual([undefined, '42', '43']);
  });

  it('name the one before them that nobody here listened to', async () => {
    const { consumer, listenTo } = scene();
    await consumer.consume(PARTITION, [record(message, 0)]);
    const { frames } = listenTo(ada);
    await consumer.consume(PARTITION, [record({ ...message, id: 43 }, 1)]);
    expect(frames.map((frame) => headerOf(frame, 'prev'))).toEqual(['42']);
  });

  it('carry the client-message-id only of who sent them', async () => {
    const { consumer, listenTo } = scene();
    const { frames } = listenTo(ada);
    await consumer.consume(PARTITION, [
      record(message, 0, { 'client-message-id': bytes('c'), 'sender-id': bytes('2') }),
    ]);
    expect(headerOf(frames[0] as StompFrame, 'client-message-id')).toBeUndefined();
  });

  it('tell who waits for one under a client key which was the first', async () => {
    const { consumer, pending } = scene();
    pending.add('1:7:c', room, { messageId: '43', digest: 1, isCertain: true }, Promise.resolve());
    const readBack = pending.find('1:7:c')?.readBack;
    const keyed = { 'client-message-id': bytes('c'), 'sender-id': bytes('1') };
    await consumer.consume(PARTITION, [record(message, 0, keyed), record({ ...message, id: 43 }, 1, keyed)]);
    expect(await readBack).toMatchObject({ messageId: '42' });
    expect(pending.count).toBe(0);
  });

  it('wait for a subscription that is held back, until it is not', async () => {
    const { consumer, held, listenTo } = scene();
    const { session } = listenTo(ada);
    const own = session.subscriptionTo('room');
    if (own === undefined) throw new Error('no subscription');
    const hold = held.add(room, own, null);
    await consumer.consume(PARTITION, [record(message, 0)]);
    expect(hold.release('all').map(({ messageId }) => messageId)).toEqual(['42']);
    held.remove(room, own);
    await consumer.consume(PARTITION, [record({ ...message, id: 43 }, 1)]);
    expect(hold.release('all')).toEqual([]);
  });

  it('wait for the first subscription of the room, too', async () => {
    const { consumer, held } = scene();
    const { session } = listener(new SubscriptionRegistry(), ada, '/topic/chat_rooms/7');
    const own = session.subscriptionTo('room');
    if (own === undefined) throw new Error('no subscription');
    const hold = held.add(room, own, null);
    await consumer.consume(PARTITION, [record(message, 0)]);
    expect(hold.release('all').map(({ messageId }) => messageId)).toEqual(['42']);
  });

  it('name none before them that may itself repeat one from before all that was read back', async () => {
    const { consumer, listenTo } = scene();
    const { frames } = listenTo(ada);
    consumer.remember(PARTITION, [record(message, 5)], false);
    await consumer.consume(PARTITION, [record({ ...message, id: 43 }, 6), record({ ...message, id: 44 }, 7)]);
    expect(frames.map((frame) => headerOf(frame, 'prev'))).toEqual([undefined, '43']);
  });

  it('that do not count reach nobody and stop nothing', async () => {
    const { consumer, listenTo } = scene();
    const { frames } = listenTo(ada);
    await consumer.consume(PARTITION, [record({ ...message, content: 5 }, 0), record(message, 1)]);
    await consumer.consume((PARTITION + 1) % PARTITIONS, [record(message, 2)]);
    expect(frames).toHaveLength(1);
  });

  it('gives others their turn within a long batch, and delivers all of it in order', async () => {
    const { consumer, listenTo } = scene();
    const { session, frames } = listenTo(ada);
    const othersHadTurnAt: number[] = [];
    const take = session.receiver.sendFramed;
    session.receiver.sendFramed = (frame) => take(afterMs(5, frame));
    setImmediate(() => othersHadTurnAt.push(frames.length));
    await consumer.consume(
      PARTITION,
      [0, 1, 2, 3].map((offset) => record({ ...message, id: 42 + offset }, offset)),
    );
    expect(frames.map((frame) => headerOf(frame, 'message-id'))).toEqual(['42', '43', '44', '45']);
    expect(othersHadTurnAt[0]).toBeLessThan(4);
  });

  it('of a room that is held no longer are left out from the next turn on, and nothing of it is remembered', async () => {
    const { consumer, listenTo, tails, pending } = scene();
    const { session, frames } = listenTo(ada);
    const take = session.receiver.sendFramed;
    session.receiver.sendFramed = (frame) => take(afterMs(5, frame));
    pending.add('key', room, { messageId: '9', digest: 1, isCertain: true }, Promise.resolve());
    const readBack = pending.find('key')?.readBack;
    let isHeld = true;
    setImmediate(() => {
      isHeld = false;
      consumer.forget(PARTITION, new Set([room]));
    });
    const judged = [0, 1, 2, 3, 4, 5].map((offset) => {
      const of = record({ ...message, id: 42 + offset }, offset);
      return { roomId: room, offset, bytes: 0, first: null, prev: null, record: of };
    });
    await consumer.consumeJudged(PARTITION, judged, 6, () => isHeld);
    expect(frames.length).toBeLessThan(6);
    expect([tails.find(PARTITION, room), tails.nextOffset(PARTITION), pending.count]).toEqual([undefined, 6, 0]);
    await expect(readBack).rejects.toMatchObject({ code: 'UNKNOWN' });
  });

  it('gives others their turn within a long batch that nobody here listens to', async () => {
    const { consumer } = scene();
    const records = Array.from({ length: 50_000 }, (_, offset) => record(message, offset));
    let hadTurn = false;
    setImmediate(() => (hadTurn = true));
    await consumer.consume(PARTITION, records);
    expect(hadTurn).toBe(true);
  });
});

describe('command-messages', () => {
  it('are handed on as they came, but for what revokes and what is no command', () => {
    const take = vi.fn((command: CommandDTO) => command.id !== 'nobody');
    const revoked: Revocation[] = [];
    const revoke = (revocation: Revocation) => void revoked.push(revocation);
    const clock = { now: () => Date.parse(at) };
    const consumer = new CommandMessagesConsumer({ delivery: { take }, revoke, clock, logger });
    const revoking = (payload: object) =>
      bytes(JSON.stringify({ id: 'r', target: 'user:7', name: 'auth.revoke', payload, createdAt: at }));
    const command = (id: string, target: string) =>
      bytes(JSON.stringify({ id, target, name: 'refresh', payload: {}, createdAt: at }));
    const values = [command('c1', 'all'), bytes('{'), null, command('c2', 'everybody'), command('nobody', 'app:x')];
    values.push(revoking({ userId: 7 }), revoking({ userId: 7, tokenId: 't' }));
    consumer.consume(values.map((value) => ({ key: null, value })));
    expect(take.mock.calls.map(([{ id }]) => id)).toEqual(['c1', 'nobody']);
    expect(take).toHaveBeenCalledWith(expect.objectContaining({ target: 'all' }), values[0]);
    expect(revoked).toMatchObject([{ kind: 'user', userId: 7, issuedBefore: Date.parse(at) }]);
  });
});

describe('presence-messages', () => {
  it('are taken in one after the other; what is no event is passed over', () => {
    const applied: PresenceEventDTO[] = [];
    const consumer = new PresenceMessagesConsumer({ presence: { apply: (event) => void applied.push(event) }, logger });
    const online = { userId: ada, event: 'ONLINE', isOnline: true, at, version: 3 } satisfies PresenceEventDTO;
    const record = { key: bytes('1'), value: bytes(JSON.stringify(online)) };
    consumer.consume([record, { key: null, value: null }, record]);
    expect(applied).toEqual([online, online]);
  });
});

describe('room-events', () => {
  const event = (change: Partial<RoomEventDTO>): RawRecord => ({
    key: bytes('7'),
    value: bytes(JSON.stringify({ roomId: 7, event: 'MEMBER_REMOVED', userId: 1, version: 2, at, ...change })),
  });

  async function scene(version: number) {
    const [withdraw, added] = [vi.fn(), vi.fn()];
    const found = {
      roomId: room,
      userId: ada,
      role: 'MEMBER',
      version,
      roomType: 'GROUP',
      roomStatus: 'ACTIVE',
    } as const;
    const memberships = new MembershipIndex({
      listMembershipsOf: () => Promise.resolve([found]),
      findAccess: () => Promise.resolve({ membership: null, isVisible: true }),
    });
    await memberships.enter(ada);
    const removed = createRemovals({ memberships, withdraw });
    const consumer = new RoomEventsConsumer({ memberships, watch: new RoomWatch(), added, removed, logger });
    return { consumer, added, withdraw };
  }

  it('take the subscriptions of who was removed away', async () => {
    const { consumer, withdraw } = await scene(1);
    consumer.consume([{ key: null, value: bytes('x') }, event({})]);
    expect(withdraw).toHaveBeenCalledExactlyOnceWith(room, ada);
  });

  it('tell who has become a member', async () => {
    const { consumer, added } = await scene(1);
    consumer.consume([event({ event: 'MEMBER_ADDED', userId: ben }), event({ event: 'ROLE_CHANGED' })]);
    expect(added).toHaveBeenCalledExactlyOnceWith(room, ben);
  });

  it('that are older than what is known take nothing away', async () => {
    const { consumer, withdraw } = await scene(5);
    consumer.consume([event({ version: 2 })]);
    expect(withdraw).not.toHaveBeenCalled();
  });
});
