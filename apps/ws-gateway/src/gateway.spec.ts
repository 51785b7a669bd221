import type { ReplayedMessage } from '@chat/database';
import { asMessageId, asRoomId, asUserId, type RoomEventDTO, type RoomId } from '@chat/dto';
import { createLogger, createMetricsRegistry } from '@chat/service-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OpenSession } from './broker/gateway.ts';
import { NO_REPLAY } from './broker/replay-request.ts';
import type { Subscription } from './broker/requests.ts';
import { SessionRegistry } from './broker/session-registry.ts';
import { RoomTails } from './broker/room-tails.ts';
import { SubscriptionRegistry } from './broker/subscription-registry.ts';
import { UserQuotas } from './broker/user-quotas.ts';
import { ChatGateway } from './gateway.ts';
import { leaveRoom } from './inbound/leave-room.ts';
import { CoveredRooms } from './membership/covered-rooms.ts';
import { MembershipIndex, type Membership } from './membership/membership-index.ts';
import { createGatewayMetrics } from './metrics.ts';
import { DeliveryMarks } from './receipts/delivery-marks.ts';
import { HeldSubscriptions } from './replay/held-subscriptions.ts';
import { RoomReplay } from './replay/room-replay.ts';
import { RoomSubscriptions } from './replay/room-subscriptions.ts';
import { StoredPositions } from './replay/stored-positions.ts';
import { KnownPresence } from './presence/known-presence.ts';
import { RoomPresence } from './presence/room-presence.ts';
import { RoomWatch, type RoomMembers } from './presence/room-watch.ts';
import { SessionAnnouncer } from './presence/session-announcer.ts';
import { SessionTabs } from './presence/session-tabs.ts';
import { RoomTyping } from './typing/room-typing.ts';
import { WatchedRooms } from './presence/watched-rooms.ts';

const [room, ada] = [asRoomId(7), asUserId(1)];
const logger = createLogger('test', { level: 'silent', instanceId: 'test' });
const membership: Membership = {
  roomId: room,
  userId: ada,
  role: 'MEMBER',
  version: 1,
  roomType: 'GROUP',
  roomStatus: 'ACTIVE',
};
const removal: RoomEventDTO = {
  roomId: room,
  userId: ada,
  event: 'MEMBER_REMOVED',
  version: 2,
  at: '2025-04-29T15:23:00Z',
};
const presenceOf: Subscription = {
  id: '0',
  headerId: '0',
  destination: '/topic/chat_rooms/7/presence',
  target: { kind: 'presence', roomId: room },
  unacknowledged: null,
  replay: NO_REPLAY,
};

const typingOf: Subscription = {
  ...presenceOf,
  destination: '/topic/chat_rooms/7/typing',
  target: { kind: 'typing', roomId: room },
};

/** A gateway in memory; the test releases the members of the room. */
async function scene() {
  const members = Promise.withResolvers<RoomMembers>();
  const memberships = new MembershipIndex({
    listMembershipsOf: () => Promise.resolve([membership]),
    findAccess: (roomId) =>
      Promise.resolve({ membership: roomId === 8 ? { ...membership, roomId } : null, isVisible: true }),
  });
  await memberships.enter(ada);
  const watch = new RoomWatch();
  const subscriptions = new SubscriptionRegistry();
  const announcer = new SessionAnnouncer({
    publish: () => Promise.resolve(),
    gatewayId: () => 'g1',
    clock: { now: () => 0 },
    logger,
  });
  const held = new HeldSubscriptions({ maxMessages: 10, maxBytes: 1_000 });
  const missed = Promise.withResolvers<readonly ReplayedMessage[]>();
  const rooms = new RoomSubscriptions({
    subscriptions,
    held,
    tails: new RoomTails(100),
    marks: new DeliveryMarks({ findTail: () => undefined }),
    replay: new RoomReplay({
      rows: {
        findResumePoint: () => Promise.resolve({ epoch: 1, storedUpTo: 10, since: { epoch: 1, offset: 3 } }),
        listReplay: () => missed.promise,
        listNewest: async () => ({ rows: await missed.promise, earlier: null, isCut: false }),
      },
      stored: new StoredPositions(),
      inTurn: (work) => work(),
      limits: { maxRows: 10, maxBytes: 1_000 },
      now: () => 0,
    }),
    partitionOf: () => 0,
    readUpTo: () => 10,
    maxBacklogBytes: 1_000,
    now: () => 0,
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
  });
  const notified: string[] = [];
  const typesFor: number[] = [];
  const channels: string[] = [];
  const typing = new RoomTyping({
    subscriptions,
    channels: {
      open: (roomId) => void channels.push(`open ${roomId}`),
      close: (roomId) => void channels.push(`close ${roomId}`),
      publish: (_, { lifeMs }) => typesFor.push(lifeMs) > 0,
    },
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
    now: () => 0,
  });
  onTestFinished(() => typing.stop());
  const readPresence = () => Promise.resolve({ found: new Map(), isWhole: true });
  const known = new KnownPresence({ watch, readPresence, now: () => 0 });
  const presence = new RoomPresence({
    ...{ subscriptions, watch, known, now: () => 0 },
    ...{ limits: { intervalMs: 1_000, maxSingleOnline: 500, maxEventsPerInterval: 200, maxUsersPerFrame: 500 } },
    maxBacklogBytes: 1_000,
    rooms: new WatchedRooms({ watch, known, loadMembers: () => members.promise }),
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
  });
  onTestFinished(() => presence.stop());
  const passing = Promise.withResolvers<void>();
  const state = { isPassing: true };
  const feed = {
    coveredSince: () => (state.isPassing ? 0 : Infinity),
    whenCovered: () => (state.isPassing ? null : passing.promise),
  };
  const messages = { perSecond: Infinity, take: () => 0 };
  const quotas = new UserQuotas({ maxSessions: 2, sends: { perSecond: 1, burst: 2 }, messages, now: () => 0 });
  quotas.enter(ada);
  const gateway = new ChatGateway({
    stories: { answered: () => {} },
    covered: new CoveredRooms({ memberships, feed, now: () => 0 }),
    sessions: new SessionRegistry<OpenSession>(),
    subscriptions,
    rooms,
    memberships,
    presence,
    tabs: new SessionTabs(announcer),
    typing,
    notifications: {
      subscribe: () => void notified.push('listens'),
      unsubscribe: () => void notified.push('listens no longer'),
      left: (roomId: RoomId, userId) => void notified.push(`${userId} left ${roomId}`),
    },
    receipts: { subscribe: () => {}, unsubscribe: () => {}, entered: () => {} },
    commands: { subscribe: () => Promise.resolve({}) },
    quotas,
    revocations: { refusalOf: () => null },
    metrics: createGatewayMetrics(createMetricsRegistry('test')),
    authenticate: () => Promise.reject(new Error('not asked here')),
    routes: {
      dispatch: () => ({ handedOver: null, outcome: Promise.resolve({}) }),
      commit: () => ({ handedOver: null, outcome: Promise.resolve([]) }),
    },
  });
  const session: OpenSession = {
    sessionId: 's1',
    userId: ada,
    caller: { userId: ada, username: 'ada', expiresAt: 1, token: { id: 't-1', issuedAt: null } },
    tokens: [],
    version: '1.2',
    receiver: { outboundBytes: 0, sendFramed: () => {}, sendSheddable: () => true, whenTaken: () => null },
    subscriptions: new Map(),
    subscriptionTo: () => undefined,
    fail: () => {},
    renew: () => {},
    withdraw: () => {},
  };
  gateway.open(session);
  const passes = { state, settle: passing.resolve };
  return {
    ...{ gateway, memberships, members, missed, session, subscriptions, watch, typing, typesFor, channels, notified },
    passes,
  };
}

describe('a user who sends more than a user may', () => {
  const target = { kind: 'send', roomId: room } as const;
  const send = { destination: '', target, receiptId: 'r', resend: undefined, body: new Uint8Array(0) };

  it('is refused one SEND more, and a whole transaction that is too many', async () => {
    const { gateway, session } = await scene();
    await gateway.dispatch(session, send, 0).outcome;
    await expect(gateway.commit(session, [send, send], 0).outcome).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await gateway.dispatch(session, send, 0).outcome;
    await expect(gateway.dispatch(session, send, 0).outcome).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });
});

describe('subscribing to presence', () => {
  it('is refused to who is removed while the members are read, and leaves nothing behind', async () => {
    const { gateway, memberships, members, session, subscriptions, watch } = await scene();
    const subscribing = gateway.subscribe(session, presenceOf, 5_000).outcome;
    await Promise.resolve();
    memberships.apply(removal);
    members.resolve({ version: 2, memberIds: [] });
    await expect(subscribing).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    expect(subscriptions.ofPresence(room)).toBeUndefined();
    expect(watch.has(room)).toBe(false);
  });

  it('watches the room until the session ends', async () => {
    const { gateway, members, session, subscriptions, watch } = await scene();
    members.resolve({ version: 1, memberIds: [ada] });
    await gateway.subscribe(session, presenceOf, 5_000).outcome;
    expect(watch.has(room)).toBe(true);
    gateway.close({ ...session, subscriptions: new Map([['0', presenceOf]]) }, 'LOST');
    gateway.unsubscribe(session, presenceOf);
    expect(subscriptions.ofPresence(room)).toBeUndefined();
    expect(watch.has(room)).toBe(false);
  });
});

describe('a member who is removed', () => {
  it('no longer watches the room whose presence they listened to', async () => {
    const { gateway, members, session, subscriptions, watch } = await scene();
    members.resolve({ version: 1, memberIds: [ada] });
    const open: OpenSession = {
      ...session,
      subscriptions: new Map([['0', presenceOf]]),
      withdraw: (subscription) => gateway.unsubscribe(open, subscription),
    };
    gateway.open(open);
    await gateway.subscribe(open, presenceOf, 5_000).outcome;
    gateway.withdrawFrom(room, ada);
    expect(subscriptions.ofPresence(room)).toBeUndefined();
    expect(watch.has(room)).toBe(false);
  });
});

describe('subscribing to typing', () => {
  it('is refused to who is no member, and to who is removed meanwhile; nothing is left behind', async () => {
    const { gateway, memberships, session, subscriptions, channels } = await scene();
    const stranger: Subscription = { ...typingOf, target: { kind: 'typing', roomId: asRoomId(99) } };
    await expect(gateway.subscribe(session, stranger, 5_000).outcome).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    const subscribing = gateway.subscribe(session, typingOf, 5_000).outcome;
    memberships.apply(removal);
    await expect(subscribing).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    expect(subscriptions.ofTyping(room)).toBeUndefined();
    expect(channels).toEqual([]);
  });

  it('hears other instances until the session ends', async () => {
    const { gateway, session, subscriptions, channels } = await scene();
    await gateway.subscribe(session, typingOf, 5_000).outcome;
    expect(channels).toEqual(['open 7']);
    gateway.close({ ...session, subscriptions: new Map([['0', typingOf]]) }, 'LOST');
    gateway.unsubscribe(session, typingOf);
    expect(subscriptions.ofTyping(room)).toBeUndefined();
    expect(channels).toEqual(['open 7', 'close 7']);
  });
});

describe('a user who types', () => {
  const roomOf: Subscription = { ...presenceOf, target: { kind: 'room', roomId: room } };

  it.each<[string, (gateway: ChatGateway, session: OpenSession) => void]>([
    ['the room is unsubscribed from', (gateway, session) => gateway.unsubscribe(session, roomOf)],
    ['the session ends', (gateway, session) => gateway.close(session, 'CLOSED')],
    ['the socket is lost', (gateway, session) => gateway.close(session, 'LOST')],
    ['the user is removed from the room', (gateway) => gateway.withdrawFrom(room, ada)],
  ])('does so no longer once %s', async (_, happen) => {
    const { gateway, session, typing, typesFor } = await scene();
    typing.said(session, room, true);
    happen(gateway, session);
    expect(typesFor).toEqual([10_000, 0]);
  });

  it('goes on when the typing of others is unsubscribed from', async () => {
    const { gateway, session, typing, typesFor } = await scene();
    typing.said(session, room, true);
    gateway.unsubscribe(session, typingOf);
    expect(typesFor).toEqual([10_000]);
  });

  it('and is removed no longer hears who types', async () => {
    const { gateway, session, subscriptions } = await scene();
    const open: OpenSession = {
      ...session,
      subscriptions: new Map([['0', typingOf]]),
      withdraw: (subscription) => gateway.unsubscribe(open, subscription),
    };
    gateway.open(open);
    await gateway.subscribe(open, typingOf, 5_000).outcome;
    gateway.withdrawFrom(room, ada);
    expect(subscriptions.ofTyping(room)).toBeUndefined();
  });
});

describe('subscribing to a room with what was missed', () => {
  const roomOf: Subscription = {
    ...presenceOf,
    destination: '/topic/chat_rooms/7',
    target: { kind: 'room', roomId: room },
    replay: { kind: 'since', messageId: asMessageId(3) },
  };

  it('lets the frames behind it pass, and is live once what was missed has been sent', async () => {
    const { gateway, missed, session, subscriptions } = await scene();
    const { handedOver, outcome } = gateway.subscribe(session, roomOf, 5_000);
    expect(handedOver).toBeNull();
    expect(subscriptions.ofRoom(room)).toBeUndefined();
    missed.resolve([]);
    expect(await outcome).toEqual({ recovered: 'true' });
    expect(subscriptions.ofRoom(room)).toBeDefined();
  });

  it('is refused to who is removed while it is read, and sends nothing', async () => {
    const { gateway, memberships, missed, session, subscriptions } = await scene();
    const { outcome } = gateway.subscribe(session, roomOf, 5_000);
    memberships.apply(removal);
    gateway.unsubscribe(session, roomOf);
    missed.resolve([]);
    await expect(outcome).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    expect(subscriptions.ofRoom(room)).toBeUndefined();
  });

  it('is given up when the session is about to end', async () => {
    const { gateway, session } = await scene();
    const { outcome } = gateway.subscribe(session, roomOf, 5_000);
    gateway.hurry({ ...session, subscriptions: new Map([['0', roomOf]]) });
    expect(await outcome).toEqual({ recovered: 'false' });
  });

  it('is refused to who was removed and added again while it was read', async () => {
    const { gateway, memberships, missed, session, subscriptions } = await scene();
    const open = { ...session, subscriptions: new Map([['0', roomOf]]) };
    gateway.open(open);
    const { outcome } = gateway.subscribe(open, roomOf, 5_000);
    gateway.withdrawFrom(room, ada);
    expect(memberships.peek(room, ada)).toBeDefined();
    missed.resolve([]);
    await expect(outcome).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    expect(subscriptions.ofRoom(room)).toBeUndefined();
  });

  it('leaves nothing behind when the session ends meanwhile', async () => {
    const { gateway, missed, session, subscriptions } = await scene();
    const { outcome } = gateway.subscribe(session, roomOf, 5_000);
    outcome.catch(() => {});
    gateway.close({ ...session, subscriptions: new Map([['0', roomOf]]) }, 'LOST');
    missed.resolve([]);
    await outcome.catch(() => {});
    expect(subscriptions.ofRoom(room)).toBeUndefined();
  });
});

describe('a SUBSCRIBE whose membership has to be looked up', () => {
  it('leaves nothing behind where the session ended meanwhile', async () => {
    const { gateway, session, subscriptions } = await scene();
    const other = asRoomId(8);
    const late: Subscription = { ...presenceOf, target: { kind: 'room', roomId: other } };
    const { outcome } = gateway.subscribe(session, late, 5_000);
    gateway.close({ ...session, subscriptions: new Map([['0', late]]) }, 'LOST');
    await expect(outcome).rejects.toBeDefined();
    expect(subscriptions.ofRoom(other)).toBeUndefined();
  });
});

describe('leaving a room', () => {
  it('is refused to who is no member, whose last seen must not appear', async () => {
    const { memberships, session } = await scene();
    const exited: number[] = [];
    const options = {
      findMembership: (roomId: typeof room, userId: typeof ada) => memberships.find(roomId, userId),
      exited: (_: OpenSession, roomId: typeof room) => void exited.push(roomId),
    };
    await expect(leaveRoom(session, asRoomId(99), options)).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    await leaveRoom(session, room, options);
    expect(exited).toEqual([7]);
  });
});

describe('a user who listens to notifications', () => {
  const notificationsOf: Subscription = { ...presenceOf, target: { kind: 'notifications' } };

  it('is told until UNSUBSCRIBE or the end of the session, and nothing of a room that he was removed from', async () => {
    const { gateway, session, notified } = await scene();
    const open: OpenSession = { ...session, subscriptions: new Map([['0', notificationsOf]]) };
    gateway.open(open);
    await gateway.subscribe(open, notificationsOf, 5_000).outcome;
    gateway.withdrawFrom(room, ada);
    gateway.unsubscribe(open, notificationsOf);
    gateway.close(open, 'LOST');
    expect(notified).toEqual(['listens', '1 left 7', 'listens no longer', 'listens no longer']);
  });

  it('has the RECEIPT once all rooms of the user pass here', async () => {
    const { gateway, memberships, session, notified, passes } = await scene();
    await memberships.find(room, ada);
    passes.state.isPassing = false;
    const subscribed = gateway.subscribe(session, notificationsOf, 5_000);
    await new Promise(setImmediate);
    expect(notified).toEqual([]);
    passes.settle();
    await subscribed.outcome;
    expect(notified).toEqual(['listens']);
  });
});
