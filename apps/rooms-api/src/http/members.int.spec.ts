import { createTokenVerifier } from '@chat/auth';
import { openDatabase, type DatabaseService } from '@chat/database';
import { type MessageDTO, RoomMemberDTOSchema } from '@chat/dto';
import { ChatError, createLogger } from '@chat/service-kit';
import {
  databaseUnderTest,
  TEST_JWT_SECRET,
  type DatabaseUnderTest,
  type HttpUnderTest,
  type TestRequest,
} from '@chat/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publicHttpUnderTest } from './public-server-under-test.ts';

const ROOMS = '/api/v1/chat/chat-rooms';
const verifier = createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] });
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
let under: DatabaseUnderTest;
let database: DatabaseService;
let http: HttpUnderTest;
let online: ReadonlySet<number> | null = new Set();

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
  await database.start();
  http = await publicHttpUnderTest({
    database,
    verifier,
    listOnline: async (userIds) => {
      const known = online;
      if (known === null) throw new ChatError('UNAVAILABLE');
      return new Set(userIds.filter((userId) => known.has(userId)));
    },
  });
});

afterAll(async () => {
  await http?.close();
  await database?.stop();
  await under?.cleanUp();
});

let lastUserId = 100;
const newUser = () => (lastUserId += 1);
const send = (method: string, path: string, request?: TestRequest) => http.request(method, `${ROOMS}${path}`, request);

let owner: number;
let admin: number;
let member: number;
let stranger: number;
let open: number;
let closed: number;

beforeEach(async () => {
  online = new Set();
  [owner, admin, member, stranger] = [newUser(), newUser(), newUser(), newUser()];
  open = (await send('POST', '', { as: owner, body: { name: 'open' } })).body.id;
  closed = (await send('POST', '', { as: owner, body: { name: 'closed', visibility: 'PRIVATE' } })).body.id;
  await send('POST', `/${open}/members`, { as: owner, body: { userId: admin, role: 'ADMIN' } });
  await send('POST', `/${open}/members`, { as: owner, body: { userId: member } });
});

const lastEventOf = async (roomId: number) =>
  (
    await under.query<{ payload: Record<string, unknown> }>(
      'SELECT payload FROM room_events_outbox WHERE room_id = $1 ORDER BY id DESC LIMIT 1',
      [roomId],
    )
  )[0]?.payload;
const eventCountOf = async (roomId: number) =>
  (await under.query('SELECT 1 FROM room_events_outbox WHERE room_id = $1', [roomId])).length;
const rolesOf = async (roomId: number) =>
  Object.fromEntries(
    (
      await under.query<{ user_id: string; role: string }>('SELECT user_id, role FROM memberships WHERE room_id = $1', [
        roomId,
      ])
    ).map(({ user_id, role }) => [user_id, role]),
  );

describe('the list of members', () => {
  it('has the documented shape, in the order of joining, with presence and names', async () => {
    online = new Set([member]);
    await under.query('INSERT INTO users (id, username, seen_at) VALUES ($1, $2, now())', [member, 'cleo']);
    const { status, headers, body } = await send('GET', `/${open}/members`, { as: member });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['items']);
    expect(body.items.map(({ userId, username, role, isOnline }: never) => [userId, username, role, isOnline])).toEqual(
      [
        [owner, `user-${owner}`, 'OWNER', false],
        [admin, `user-${admin}`, 'ADMIN', false],
        [member, 'cleo', 'MEMBER', true],
      ],
    );
    expect(body.items.every((item: unknown) => RoomMemberDTOSchema.safeParse(item).success)).toBe(true);
    expect(headers.get('x-presence')).toBeNull();
  });

  it('shows all offline, and says so, while nobody can tell', async () => {
    online = null;
    const { status, headers, body } = await send('GET', `/${open}/members`, { as: member });
    expect([status, headers.get('x-presence')]).toEqual([200, 'stale']);
    expect(body.items.map(({ isOnline }: { isOnline: boolean }) => isOnline)).toEqual([false, false, false]);
  });

  it('is for members', async () => {
    expect(await send('GET', `/${open}/members`, { as: stranger })).toMatchObject({
      status: 403,
      body: { code: 'NOT_A_MEMBER' },
    });
    expect(await send('GET', `/${closed}/members`, { as: stranger })).toMatchObject({ status: 404 });
    expect(await send('GET', '/999999/members', { as: owner })).toMatchObject({ status: 404 });
  });
});

describe('adding', () => {
  it('to a public room is at once', async () => {
    const added = await send('POST', `/${open}/members`, { as: admin, body: { userId: stranger } });
    expect(added).toMatchObject({ status: 201, body: { userId: stranger, role: 'MEMBER', isOnline: false } });
    expect(added.headers.get('location')).toBe(`${ROOMS}/${open}/members/${stranger}`);
    expect(RoomMemberDTOSchema.safeParse(added.body).success).toBe(true);
    expect(await lastEventOf(open)).toMatchObject({
      event: 'MEMBER_ADDED',
      userId: stranger,
      role: 'MEMBER',
      version: 4,
    });
  });

  it('somebody who is there changes nothing', async () => {
    const before = await eventCountOf(open);
    const again = await send('POST', `/${open}/members`, { as: owner, body: { userId: member, role: 'ADMIN' } });
    expect(again).toMatchObject({ status: 200, body: { userId: member, role: 'MEMBER' } });
    expect(await eventCountOf(open)).toBe(before);
  });

  it('to a private room is an invitation that joining uses up', async () => {
    const invite = () => send('POST', `/${closed}/members`, { as: owner, body: { userId: stranger, role: 'ADMIN' } });
    expect(await invite()).toMatchObject({
      status: 202,
      body: { roomId: closed, userId: stranger, role: 'ADMIN', invitedBy: owner },
    });
    expect(await rolesOf(closed)).toEqual({ [owner]: 'OWNER' });
    expect(await send('GET', `/${closed}/members`, { as: stranger })).toMatchObject({ status: 403 });
    expect(await send('POST', `/join/${closed}`, { as: stranger })).toMatchObject({ status: 200 });
    expect(await rolesOf(closed)).toEqual({ [owner]: 'OWNER', [stranger]: 'ADMIN' });
    await send('DELETE', `/${closed}/members/${stranger}`, { as: stranger });
    expect(await send('POST', `/join/${closed}`, { as: stranger })).toMatchObject({ status: 404 });
  });

  it('an invitation can be declined and taken back', async () => {
    const invite = () => send('POST', `/${closed}/members`, { as: owner, body: { userId: stranger } });
    await invite();
    expect(await send('DELETE', `/${closed}/members/${stranger}`, { as: stranger })).toMatchObject({ status: 204 });
    expect(await send('POST', `/join/${closed}`, { as: stranger })).toMatchObject({ status: 404 });
    await invite();
    expect(await send('DELETE', `/${closed}/members/${stranger}`, { as: owner })).toMatchObject({ status: 204 });
    expect(await send('POST', `/join/${closed}`, { as: stranger })).toMatchObject({ status: 404 });
  });

  it('is for owner and admins, admins by the owner alone', async () => {
    const add = (as: number, body: object) => send('POST', `/${open}/members`, { as, body });
    expect(await add(member, { userId: stranger })).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(await add(stranger, { userId: stranger })).toMatchObject({ status: 403, body: { code: 'NOT_A_MEMBER' } });
    expect(await add(admin, { userId: stranger, role: 'ADMIN' })).toMatchObject({ status: 403 });
    expect(await add(owner, { userId: stranger, role: 'ADMIN' })).toMatchObject({
      status: 201,
      body: { role: 'ADMIN' },
    });
  });

  it('names every invalid field', async () => {
    const { status, body } = await send('POST', `/${open}/members`, {
      as: owner,
      body: { userId: '5', role: 'OWNER' },
    });
    expect([status, body.errors.map(({ field }: { field: string }) => field)]).toEqual([400, ['userId', 'role']]);
  });
});

describe('leaving and removing', () => {
  it('a member leaves, once', async () => {
    expect(await send('DELETE', `/${open}/members/${member}`, { as: member })).toMatchObject({
      status: 204,
      body: null,
    });
    expect(await lastEventOf(open)).toMatchObject({ event: 'MEMBER_REMOVED', userId: member, version: 4 });
    expect(await send('DELETE', `/${open}/members/${member}`, { as: member })).toMatchObject({
      status: 404,
      body: { code: 'MEMBER_NOT_FOUND' },
    });
  });

  it('which the log of the room is told of first, in a message under an id of its own', async () => {
    await send('DELETE', `/${open}/members/${member}`, { as: member });
    await send('DELETE', `/${open}/members/${admin}`, { as: owner });
    const entries = await under.query<{ topic: string; payload: MessageDTO }>(
      'SELECT topic, payload FROM room_events_outbox WHERE room_id = $1 ORDER BY id DESC LIMIT 4',
      [open],
    );
    expect(entries.map(({ topic }) => topic)).toEqual(['room-events', 'chat-messages', 'room-events', 'chat-messages']);
    const [left, removed] = [entries[3]?.payload, entries[1]?.payload];
    expect(left).toEqual({
      id: expect.any(Number),
      senderId: member,
      roomId: open,
      content: `user-${member} left the room.`,
      type: 'GROUP',
      timestamp: expect.any(String),
      kind: 'SYSTEM',
      system: { event: 'MEMBER_REMOVED', userId: member, version: 4, cause: 'LEFT' },
    });
    expect(removed).toMatchObject({
      senderId: owner,
      content: `user-${admin} was removed by user-${owner}.`,
      system: { event: 'MEMBER_REMOVED', userId: admin, version: 5, cause: 'REMOVED' },
    });
    expect(removed?.id).not.toBe(left?.id);
  });

  it('also an archived room', async () => {
    await send('DELETE', `/${open}`, { as: owner });
    expect(await send('DELETE', `/${open}/members/${member}`, { as: member })).toMatchObject({ status: 204 });
  });

  it('the owner hands over before leaving', async () => {
    const leave = (as: number) => send('DELETE', `/${open}/members/${as}`, { as });
    expect(await leave(owner)).toMatchObject({ status: 409, body: { code: 'OWNER_MUST_STAY' } });
    await send('PATCH', `/${open}/members/${member}`, { as: owner, body: { role: 'OWNER' } });
    expect(await leave(owner)).toMatchObject({ status: 204 });
  });

  it('admins remove members, the owner removes admins, nobody the owner', async () => {
    const remove = (as: number, userId: number) => send('DELETE', `/${open}/members/${userId}`, { as });
    expect(await remove(member, admin)).toMatchObject({ status: 403 });
    expect(await remove(stranger, member)).toMatchObject({ status: 403, body: { code: 'NOT_A_MEMBER' } });
    expect(await remove(admin, owner)).toMatchObject({ status: 409, body: { code: 'OWNER_MUST_STAY' } });
    expect(await remove(admin, stranger)).toMatchObject({ status: 404, body: { code: 'MEMBER_NOT_FOUND' } });
    expect(await remove(admin, member)).toMatchObject({ status: 204 });
    await send('POST', `/${open}/members`, { as: owner, body: { userId: stranger, role: 'ADMIN' } });
    expect(await remove(admin, stranger)).toMatchObject({ status: 403 });
    expect(await remove(owner, stranger)).toMatchObject({ status: 204 });
  });
});

describe('roles', () => {
  const change = (as: number, userId: number, role: unknown) =>
    send('PATCH', `/${open}/members/${userId}`, { as, body: { role } });

  it('are given by the owner', async () => {
    expect(await change(owner, member, 'ADMIN')).toMatchObject({
      status: 200,
      body: { userId: member, role: 'ADMIN' },
    });
    expect(await lastEventOf(open)).toMatchObject({ event: 'ROLE_CHANGED', userId: member, role: 'ADMIN', version: 4 });
    const before = await eventCountOf(open);
    expect(await change(owner, member, 'ADMIN')).toMatchObject({ status: 200 });
    expect(await eventCountOf(open)).toBe(before);
    expect(await change(admin, member, 'MEMBER')).toMatchObject({ status: 403 });
    expect(await change(owner, stranger, 'ADMIN')).toMatchObject({ status: 404, body: { code: 'MEMBER_NOT_FOUND' } });
  });

  it('OWNER hands the room over, and the room says so', async () => {
    expect(await change(owner, member, 'OWNER')).toMatchObject({ status: 200, body: { role: 'OWNER' } });
    expect(await rolesOf(open)).toEqual({ [owner]: 'ADMIN', [admin]: 'ADMIN', [member]: 'OWNER' });
    expect((await send('GET', `/${open}`, { as: owner })).body.ownerId).toBe(member);
    expect(await change(owner, admin, 'MEMBER')).toMatchObject({ status: 403 });
  });

  it('the owner does not step down without a successor', async () => {
    expect(await change(owner, owner, 'MEMBER')).toMatchObject({ status: 409, body: { code: 'OWNER_MUST_STAY' } });
  });

  it('unknown ones are named', async () => {
    expect(await change(owner, member, 'KING')).toMatchObject({ status: 400, body: { errors: [{ field: 'role' }] } });
    expect(await send('PATCH', `/${open}/members/x`, { as: owner, body: { role: 'ADMIN' } })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'userId' }] },
    });
  });

  it('handed over by two at once leave one owner', async () => {
    await Promise.all([change(owner, member, 'OWNER'), change(owner, admin, 'OWNER')]);
    const roles = Object.values(await rolesOf(open));
    expect(roles.filter((role) => role === 'OWNER')).toHaveLength(1);
  });
});
