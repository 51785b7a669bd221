import { asRoomId, asUserId, type RoomEventDTO } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import type { OpenSession } from './broker/gateway.ts';
import type { Subscription } from './broker/requests.ts';
import { SessionRegistry } from './broker/session-registry.ts';
import { SubscriptionRegistry } from './broker/subscription-registry.ts';
import { ChatGateway } from './gateway.ts';
import { leaveRoom } from './inbound/leave-room.ts';
import { MembershipIndex, type Membership } from './membership/membership-index.ts';
import { RoomWatch, type RoomMembers } from './presence/room-watch.ts';
import { SessionAnnouncer } from './presence/session-announcer.ts';
import { SessionTabs } from './presence/session-tabs.ts';
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
  ackMode: 'auto',
};

/** A gateway in memory; the test releases the members of the room. */
async function scene() {
  const members = Promise.withResolvers<RoomMembers>();
  const memberships = new MembershipIndex({
    listMembershipsOf: () => Promise.resolve([membership]),
    findAccess: () => Promise.resolve({ membership: null, isVisible: true }),
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
  const gateway = new ChatGateway({
    sessions: new SessionRegistry<OpenSession>(),
    subscriptions,
    memberships,
    watchedRooms: new WatchedRooms(watch, () => members.promise),
    tabs: new SessionTabs(announcer),
    authenticate: () => Promise.reject(new Error('not asked here')),
    dispatch: () => ({ handedOver: null, outcome: Promise.resolve({}) }),
  });
  const session: OpenSession = {
    sessionId: 's1',
    userId: ada,
    caller: { userId: ada, username: 'ada', expiresAt: 1 },
    version: '1.2',
    receiver: { sendFramed: () => {}, sendSheddable: () => true },
    subscriptions: new Map(),
    subscriptionTo: () => undefined,
    withdraw: () => {},
  };
  gateway.open(session);
  return { gateway, memberships, members, session, subscriptions, watch };
}

describe('subscribing to presence', () => {
  it('is refused to who is removed while the members are read, and leaves nothing behind', async () => {
    const { gateway, memberships, members, session, subscriptions, watch } = await scene();
    const subscribing = gateway.subscribe(session, presenceOf);
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
    await gateway.subscribe(session, presenceOf);
    expect(watch.has(room)).toBe(true);
    gateway.close({ ...session, subscriptions: new Map([['0', presenceOf]]) }, 'LOST');
    gateway.unsubscribe(session, presenceOf);
    expect(subscriptions.ofPresence(room)).toBeUndefined();
    expect(watch.has(room)).toBe(false);
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
