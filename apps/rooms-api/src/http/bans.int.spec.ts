import { createTokenVerifier } from '@chat/auth';
import { openDatabase, type DatabaseService } from '@chat/database';
import { OwnInvitationDTOSchema, RoomBanDTOSchema } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
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
const LIFE_MS = 3_600_000;
const verifier = createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] });
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
let under: DatabaseUnderTest;
let database: DatabaseService;
let http: HttpUnderTest;

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
  await database.start();
  http = await publicHttpUnderTest({ database, verifier, invitationLifeMs: LIFE_MS });
});

afterAll(async () => {
  await http?.close();
  await database?.stop();
  await under?.cleanUp();
});

let lastUserId = 100;
const newUser = () => (lastUserId += 1);
const send = (method: string, path: string, request?: TestRequest) => http.request(method, `${ROOMS}${path}`, request);
const later = (ms: number) => new Date(Date.now() + ms).toISOString();

let [owner, admin, member, stranger, open, closed] = [0, 0, 0, 0, 0, 0];

beforeEach(async () => {
  [owner, admin, member, stranger] = [newUser(), newUser(), newUser(), newUser()];
  open = (await send('POST', '', { as: owner, body: { name: 'open' } })).body.id;
  closed = (await send('POST', '', { as: owner, body: { name: 'closed', visibility: 'PRIVATE' } })).body.id;
  await send('POST', `/${open}/members`, { as: owner, body: { userId: admin, role: 'ADMIN' } });
  await send('POST', `/${open}/members`, { as: owner, body: { userId: member } });
});

const ban = (as: number, userId: number, body: object = {}, roomId = open) =>
  send('PUT', `/${roomId}/bans/${userId}`, { as, body });
const lift = (as: number, userId: number) => send('DELETE', `/${open}/bans/${userId}`, { as });
const join = (as: number, roomId = open) => send('POST', `/join/${roomId}`, { as });
const bansSeenBy = async (as: number) => (await send('GET', `/${open}/bans`, { as })).body.items;

describe('a ban', () => {
  it('removes the member, tells the log of the room so, and keeps them out until it is lifted', async () => {
    const expiresAt = later(60_000);
    const { status, headers, body } = await ban(admin, member, { reason: 'spam', expiresAt });
    expect([status, headers.get('location')]).toEqual([201, `${ROOMS}/${open}/bans/${member}`]);
    expect(RoomBanDTOSchema.parse(body)).toEqual({
      ...{ roomId: open, userId: member, bannedBy: admin, reason: 'spam', expiresAt },
      createdAt: expect.any(String),
    });
    const outbox = await under.query<{ topic: string; payload: { system?: object; event?: string } }>(
      'SELECT topic, payload FROM room_events_outbox WHERE room_id = $1 ORDER BY id DESC LIMIT 2',
      [open],
    );
    expect(outbox).toMatchObject([
      { topic: 'room-events', payload: { event: 'MEMBER_REMOVED', userId: member } },
      { topic: 'chat-messages', payload: { system: { event: 'MEMBER_REMOVED', userId: member, cause: 'BANNED' } } },
    ]);
    expect(await join(member)).toMatchObject({ status: 403, body: { code: 'BANNED', retryable: false } });
    expect((await join(member)).body.detail).toContain(expiresAt);
    const add = () => send('POST', `/${open}/members`, { as: owner, body: { userId: member } });
    expect(await add()).toMatchObject({ status: 403, body: { code: 'BANNED' } });

    expect(await lift(admin, member)).toMatchObject({ status: 204 });
    expect(await lift(admin, member)).toMatchObject({ status: 404, body: { code: 'BAN_NOT_FOUND' } });
    expect(await join(member)).toMatchObject({ status: 200 });
  });

  it('again is changed, and is listed to who may ban', async () => {
    expect((await ban(owner, stranger)).status).toBe(201);
    expect(await ban(admin, stranger, { reason: 'again' })).toMatchObject({ status: 200, body: { bannedBy: admin } });
    expect(await bansSeenBy(admin)).toMatchObject([{ userId: stranger, reason: 'again' }]);
    expect(await send('GET', `/${open}/bans`, { as: member })).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    });
    expect(await send('GET', `/${open}/bans`, { as: stranger })).toMatchObject({ body: { code: 'NOT_A_MEMBER' } });
  });

  it('that has expired is none', async () => {
    await ban(owner, member, { expiresAt: later(60_000) });
    await under.query('UPDATE bans SET expires_at = now() WHERE user_id = $1', [member]);
    expect(await bansSeenBy(owner)).toEqual([]);
    expect(await lift(owner, member)).toMatchObject({ status: 404 });
    expect(await join(member)).toMatchObject({ status: 200 });
    expect(await database.repositories.bans.removeExpired(new Date(), 10)).toBe(1);
  });

  it('is for owner and admins, of an admin for the owner; nobody bans the owner, themselves, or from a direct room', async () => {
    expect(await ban(member, stranger)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(await ban(stranger, member)).toMatchObject({ status: 403, body: { code: 'NOT_A_MEMBER' } });
    expect(await ban(admin, owner)).toMatchObject({ status: 409, body: { code: 'OWNER_MUST_STAY' } });
    expect(await ban(admin, admin)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    const direct = (await send('POST', `/direct/${member}`, { as: owner })).body.id;
    expect(await ban(owner, member, {}, direct)).toMatchObject({ status: 409, body: { code: 'DIRECT_ROOM_FIXED' } });
    expect(await ban(owner, stranger, { expiresAt: later(-1), reason: '' })).toMatchObject({ status: 400 });
    const other = newUser();
    await send('POST', `/${open}/members`, { as: owner, body: { userId: other, role: 'ADMIN' } });
    expect(await ban(admin, other)).toMatchObject({ status: 403 });
    expect(await ban(owner, other)).toMatchObject({ status: 201 });
  });

  it('from a private room makes it like none at all, also for who was invited', async () => {
    await send('POST', `/${closed}/members`, { as: owner, body: { userId: stranger } });
    expect(await send('GET', `/${closed}`, { as: stranger })).toMatchObject({ status: 200 });
    await ban(owner, stranger, {}, closed);
    for (const answer of [await send('GET', `/${closed}`, { as: stranger }), await join(stranger, closed)])
      expect(answer).toMatchObject({ status: 404, body: { code: 'ROOM_NOT_FOUND' } });
    const invite = () => send('POST', `/${closed}/members`, { as: owner, body: { userId: stranger } });
    expect(await invite()).toMatchObject({ status: 403, body: { code: 'BANNED' } });
  });

  it('and a joining at the same time leave no member who is banned', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const user = newUser();
      await Promise.all([join(user), ban(owner, user), join(user)]);
      expect((await send('GET', `/${open}/members`, { as: owner })).body.items).not.toContainEqual(
        expect.objectContaining({ userId: user }),
      );
    }
  });
});

describe('an invitation', () => {
  const invite = (userId: number, body: object = {}) =>
    send('POST', `/${closed}/members`, { as: owner, body: { userId, ...body } });
  const own = async (as: number) => (await send('GET', '/invitations', { as })).body.items;

  it('lives as long as it says, or as the setting does', async () => {
    const expiresAt = later(120_000);
    expect(await invite(stranger, { expiresAt })).toMatchObject({ status: 202, body: { expiresAt } });
    const { body } = await invite(member);
    expect(Math.abs(Date.parse(body.expiresAt) - Date.now() - LIFE_MS)).toBeLessThan(10_000);
    expect(await invite(member, { expiresAt: later(-1) })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
  });

  it('is listed to the invited, who may join or decline', async () => {
    await invite(stranger, { role: 'ADMIN' });
    const [item, ...others] = await own(stranger);
    expect(others).toEqual([]);
    expect(OwnInvitationDTOSchema.parse(item)).toMatchObject({
      room: { id: closed, name: 'closed' },
      role: 'ADMIN',
      invitedBy: owner,
    });
    expect(await own(member)).toEqual([]);
    expect(await send('DELETE', `/invitations/${closed}`, { as: stranger })).toMatchObject({ status: 204 });
    const again = await send('DELETE', `/invitations/${closed}`, { as: stranger });
    expect(again).toMatchObject({ status: 404, body: { code: 'INVITATION_NOT_FOUND' } });
    expect(await join(stranger, closed)).toMatchObject({ status: 404 });
    await invite(stranger);
    expect(await join(stranger, closed)).toMatchObject({ status: 200 });
    expect(await own(stranger)).toEqual([]);
  });

  it('that has expired admits nobody, shows nothing, and is cleaned up', async () => {
    await invite(stranger);
    await under.query('UPDATE invitations SET expires_at = now() WHERE user_id = $1', [stranger]);
    expect(await own(stranger)).toEqual([]);
    expect(await send('GET', `/${closed}`, { as: stranger })).toMatchObject({ status: 404 });
    expect(await join(stranger, closed)).toMatchObject({ status: 404, body: { code: 'ROOM_NOT_FOUND' } });
    expect(await send('DELETE', `/invitations/${closed}`, { as: stranger })).toMatchObject({ status: 404 });
    expect(await database.repositories.invitations.removeExpired(new Date(), 10)).toBe(1);
  });

  it('from before there were such times does not expire', async () => {
    await invite(stranger);
    await under.query('UPDATE invitations SET expires_at = NULL WHERE user_id = $1', [stranger]);
    expect((await own(stranger))[0]).not.toHaveProperty('expiresAt');
    expect(await join(stranger, closed)).toMatchObject({ status: 200 });
  });
});
