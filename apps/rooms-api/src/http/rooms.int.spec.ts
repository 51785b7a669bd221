import { createTokenVerifier } from '@chat/auth';
import { openDatabase, type DatabaseService } from '@chat/database';
import { ChatRoomDTOSchema, UnreadDTOSchema, ROOM_MEMBERS_MAX_COUNT } from '@chat/dto';
import { createLogger, systemClock } from '@chat/service-kit';
import {
  createGatewaySignature,
  createToken,
  databaseUnderTest,
  eventually,
  TEST_JWT_SECRET,
  type DatabaseUnderTest,
  type HttpUnderTest,
  type TestRequest,
} from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicHttpUnderTest } from './public-server-under-test.ts';
import { UsernameMemory } from './username-memory.ts';

const ROOMS = '/api/v1/chat/chat-rooms';
const GATEWAY_KEY = 'a-gateway-key-with-more-than-thirty-two-bytes';
const verifier = createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] });
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
let under: DatabaseUnderTest;
let database: DatabaseService;
let http: HttpUnderTest;
/** Takes turns of its own: what the two agree on, the database holds. */
let otherInstance: HttpUnderTest;
let wakeCount = 0;

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
  await database.start();
  const usernames = new UsernameMemory({ users: database.repositories.users, clock: systemClock, logger });
  const serve = () =>
    publicHttpUnderTest({
      database,
      verifier,
      gatewayKeys: new Map([['edge', GATEWAY_KEY]]),
      onCaller: (caller) => void usernames.remember(caller),
      onEvents: () => (wakeCount += 1),
    });
  [http, otherInstance] = [await serve(), await serve()];
});

afterAll(async () => {
  await http?.close();
  await otherInstance?.close();
  await database?.stop();
  await under?.cleanUp();
});

let lastUserId = 100;
const newUser = () => (lastUserId += 1);
const send = (method: string, path: string, request?: TestRequest) => http.request(method, `${ROOMS}${path}`, request);

async function newRoom(as: number, body: object = {}): Promise<number> {
  const { status, body: room } = await send('POST', '', { as, body: { name: 'Dev Chatroom', ...body } });
  expect(status).toBe(201);
  return room.id;
}

const eventsOf = async (roomId: number) =>
  (
    await under.query<{ payload: Record<string, unknown> }>(
      'SELECT payload FROM room_events_outbox WHERE room_id = $1 ORDER BY id',
      [roomId],
    )
  ).map(({ payload }) => payload);

describe('POST /chat-rooms', () => {
  it('creates a room of the documented shape, with the caller as owner and member', async () => {
    const owner = newUser();
    const metadata = { topic: 'ü', nested: { list: [1, null, true] } };
    const body = {
      name: 'Dev Chatroom',
      description: 'Chat for developers',
      type: 'GROUP',
      visibility: 'PRIVATE',
      metadata,
    };
    const { status, headers, body: room } = await send('POST', '', { as: owner, body });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`${ROOMS}/${room.id}`);
    expect(headers.get('content-type')).toContain('application/json');
    expect(room).toEqual({
      ...body,
      id: room.id,
      status: 'ACTIVE',
      ownerId: owner,
      createdAt: room.createdAt,
      updatedAt: room.createdAt,
    });
    expect(ChatRoomDTOSchema.safeParse(room).success).toBe(true);
    expect(room.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    // The request does not wait until the name of its token is saved.
    await eventually(async () => {
      const members = await send('GET', `/${room.id}/members`, { as: owner });
      expect(members.body.items).toEqual([
        { userId: owner, username: `name-of-${owner}`, role: 'OWNER', isOnline: false, joinedAt: room.createdAt },
      ]);
    });
  });

  it('fills in what is left out', async () => {
    const { body } = await send('POST', '', { as: newUser(), body: { name: 'x' } });
    expect(body).toMatchObject({ description: '', type: 'GROUP', visibility: 'PUBLIC', metadata: {} });
  });

  it('writes its events with it, and wakes the relay', async () => {
    const owner = newUser();
    const before = wakeCount;
    const roomId = await newRoom(owner);
    expect(await eventsOf(roomId)).toEqual([
      { roomId, event: 'ROOM_CREATED', version: 1, at: expect.any(String) },
      { roomId, event: 'MEMBER_ADDED', userId: owner, role: 'OWNER', version: 1, at: expect.any(String) },
    ]);
    expect(wakeCount).toBe(before + 1);
  });

  it('names every invalid field', async () => {
    const body = { name: '', description: 5, type: 'CHANNEL', visibility: 'SECRET', metadata: [] };
    const { status, headers, body: problem } = await send('POST', '', { as: 1, body });
    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(problem).toMatchObject({ status: 400, code: 'INVALID_REQUEST', retryable: false });
    expect(problem.errors.map(({ field }: { field: string }) => field)).toEqual([
      'name',
      'description',
      'type',
      'visibility',
      'metadata',
    ]);
    expect(problem.errors.every(({ message }: { message: string }) => message.length > 0)).toBe(true);
  });

  it.each([
    ['name', { name: 'x'.repeat(201) }, '1 to 200'],
    ['name', { name: 'a\u0000b' }, 'U+0000'],
    ['name', { name: '\ud800' }, 'lone surrogate'],
    ['description', { name: 'x', description: 'x'.repeat(2_001) }, '0 to 2000'],
    ['metadata', { name: 'x', metadata: { a: 'x'.repeat(8_200) } }, '8192 bytes'],
  ])('the refusal of a bad %s names the limit', async (field, body, words) => {
    const { status, body: problem } = await send('POST', '', { as: 1, body });
    expect([status, problem.errors[0].field]).toEqual([400, field]);
    expect(problem.errors[0].message).toContain(words);
  });

  it('takes a name of 200 code points, surrogate pairs counted once', async () => {
    const name = '😀'.repeat(200);
    expect((await send('POST', '', { as: newUser(), body: { name } })).body.name).toBe(name);
  });

  it.each([
    ['INVALID_JSON', 400, '{"name": '],
    ['INVALID_JSON', 400, 'name=x'],
    ['INVALID_REQUEST', 400, '"text"'],
    ['INVALID_REQUEST', 400, 'null'],
    ['INVALID_REQUEST', 400, '[]'],
    ['BODY_TOO_LARGE', 413, JSON.stringify({ name: 'x', description: 'x'.repeat(65_536) })],
  ])('answers %s (%d) to a body that is none', async (code, status, body) => {
    expect(await send('POST', '', { as: 1, body })).toMatchObject({ status, body: { code, status } });
  });

  it('wants JSON, said to be JSON', async () => {
    const form = { as: 1, body: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    expect(await send('POST', '', form)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'body', message: 'must be JSON, sent as application/json' }] },
    });
    expect(await send('POST', '', { as: 1 })).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });
});

describe('who calls', () => {
  const authorized = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  it.each([
    ['no token', 'UNAUTHENTICATED', {}],
    ['an expired token', 'TOKEN_EXPIRED', authorized(createToken({ expiresInSeconds: -1 }))],
    [
      'a wrongly signed token',
      'UNAUTHENTICATED',
      authorized(createToken({ secret: 'another-secret-of-more-than-32-bytes!' })),
    ],
    ['a token of algorithm none', 'UNAUTHENTICATED', authorized(createToken({ algorithm: 'none' }))],
    ['a token without exp', 'UNAUTHENTICATED', authorized(createToken({ expiresInSeconds: null }))],
    ['a token of nobody in particular', 'UNAUTHENTICATED', authorized(createToken({ userId: 'admin' }))],
    ['X-User-UserId without proof', 'UNAUTHENTICATED', { headers: { 'x-user-userid': '1' } }],
  ])('%s is a 401', async (_, code, request) => {
    const answer = await send('GET', '/user', request);
    expect(answer).toMatchObject({ status: 401, body: { code, status: 401 } });
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('is asked before anything is read of the body', async () => {
    expect(await send('POST', '', { body: '{' })).toMatchObject({ status: 401 });
  });

  it('X-User-UserId without proof does not change whom the token names', async () => {
    const [owner, other] = [newUser(), newUser()];
    const room = await send('POST', '', {
      as: owner,
      body: { name: 'x' },
      headers: { 'x-user-userid': String(other) },
    });
    expect(room.body.ownerId).toBe(owner);
  });

  it('a proven API gateway names the caller', async () => {
    const userId = newUser();
    const path = `${ROOMS}/user?page=0`;
    const signature = createGatewaySignature({
      keyId: 'edge',
      key: GATEWAY_KEY,
      method: 'GET',
      pathAndQuery: path,
      userId,
    });
    const headers = { 'x-user-userid': String(userId), 'x-gateway-signature': signature };
    expect(await http.request('GET', path, { headers })).toMatchObject({ status: 200 });
    expect(await http.request('GET', `${ROOMS}/user?page=1`, { headers })).toMatchObject({ status: 401 });
  });
});

describe('what is not there', () => {
  it('an unknown address is a 404 problem', async () => {
    expect(await http.request('GET', '/nowhere')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await send('GET', '/1/nothing', { as: 1 })).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  it('the internal endpoints are not on the public listener', async () => {
    expect(await http.request('GET', '/internal/chat/room_last_seen?chatRoomId=1&userId=1', { as: 1 })).toMatchObject({
      status: 404,
    });
    expect(await http.request('GET', '/readyz')).toMatchObject({ status: 404 });
  });

  it('a wrong method is a 405 that says which are right', async () => {
    const answer = await send('PUT', '/1', { as: 1 });
    expect(answer).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
    expect(answer.headers.get('allow')).toBe('GET, PATCH, DELETE');
    expect((await send('DELETE', '', { as: 1 })).headers.get('allow')).toBe('GET, POST');
    expect(await send('GET', '/join/1', { as: 1 })).toMatchObject({ status: 405 });
  });

  it.each(['0', '-1', '1.0', 'abc', '9007199254740992', '%00'])('an id of %s is a 400 that names it', async (id) => {
    expect(await send('GET', `/${id}`, { as: 1 })).toMatchObject({ status: 400, body: { errors: [{ field: 'id' }] } });
  });

  it('an address that is no URL text is a 400', async () => {
    expect(await send('GET', '/%E0%A4%A', { as: 1 })).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });
});

describe('GET /chat-rooms', () => {
  it('pages through public rooms that are not archived, newest first, each once', async () => {
    const owner = newUser();
    const made: number[] = [];
    for (let count = 0; count < 5; count += 1) made.unshift(await newRoom(owner));
    const hidden = await newRoom(owner, { visibility: 'PRIVATE' });
    const archived = await newRoom(owner);
    await send('DELETE', `/${archived}`, { as: owner });
    const pages = [];
    for (const page of [0, 1, 2]) pages.push(await send('GET', `?page=${page}&size=2`, { as: newUser() }));
    const ids = pages.flatMap(({ body }) => body.content.map(({ id }: { id: number }) => id));
    expect(ids.slice(0, 5)).toEqual(made);
    expect(ids).not.toContain(hidden);
    expect(pages[0]?.body).toMatchObject({ page: 0, size: 2, totalElements: pages[1]?.body.totalElements });
    expect(pages[0]?.body.totalPages).toBe(Math.ceil(pages[0]?.body.totalElements / 2));
    expect(pages[1]?.headers.get('link')).toContain(`<${ROOMS}?page=2&size=2>; rel="next"`);
    expect(Object.keys(pages[0]?.body).sort()).toEqual(['content', 'page', 'size', 'totalElements', 'totalPages']);
    expect(pages[0]?.body.content.every((room: unknown) => ChatRoomDTOSchema.safeParse(room).success)).toBe(true);
  });

  it('names an invalid page and size', async () => {
    const { status, body } = await send('GET', '?page=-1&size=101', { as: 1 });
    expect([status, body.errors.map(({ field }: { field: string }) => field)]).toEqual([400, ['page', 'size']]);
  });

  it('far beyond the end is an empty page', async () => {
    expect(await send('GET', '?page=1000000&size=100', { as: 1 })).toMatchObject({
      status: 200,
      body: { content: [] },
    });
  });
});

describe('GET /chat-rooms/user', () => {
  it('gives the rooms of the caller with their last message, private and archived ones too', async () => {
    const [owner, member] = [newUser(), newUser()];
    const [first, second, other] = [
      await newRoom(owner),
      await newRoom(owner, { visibility: 'PRIVATE' }),
      await newRoom(member),
    ];
    await send('DELETE', `/${second}`, { as: owner });
    await under.query(
      `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, sent_at, stored_at)
       VALUES ($1, 0, 0, 5, 1, 1, 4711, $2, 'Hello!', 'GROUP', '2025-04-29T15:23:00Z', now() + interval '1 hour')`,
      [first, owner],
    );
    const { status, headers, body } = await send('GET', '/user', { as: owner });
    expect(status).toBe(200);
    expect(headers.get('link')).toContain(`${ROOMS}/user?page=0`);
    expect(body.content.map(({ id }: { id: number }) => id)).toEqual([first, second]);
    expect(body.content[0].lastMessage).toEqual({
      id: 4711,
      senderId: owner,
      roomId: first,
      content: 'Hello!',
      type: 'GROUP',
      timestamp: '2025-04-29T15:23:00.000Z',
    });
    expect(body.content[1]).toMatchObject({ status: 'ARCHIVED', visibility: 'PRIVATE' });
    expect(body.content[1]).not.toHaveProperty('lastMessage');
    expect(body.content.map(({ unreadCount }: { unreadCount: number }) => unreadCount)).toEqual([0, 0]);
    expect(body).toMatchObject({ page: 0, size: 20, totalElements: 2, totalPages: 1 });
    expect((await send('GET', '/user', { as: member })).body.content.map(({ id }: { id: number }) => id)).toEqual([
      other,
    ]);
  });
});

describe('GET /chat-rooms/unread', () => {
  it('counts what others wrote since the joining or the read mark, in every room of the caller and in all', async () => {
    const [owner, guest] = [newUser(), newUser()];
    const [busy, quiet] = [await newRoom(owner), await newRoom(owner)];
    const write = (seq: number, ordinal: number) =>
      under.query(
        `WITH counted AS (
           INSERT INTO room_counters (room_id, last_seq, last_epoch, last_log_offset) VALUES ($1, $2, 0, $2)
           ON CONFLICT (room_id) DO UPDATE SET last_seq = excluded.last_seq, last_log_offset = excluded.last_log_offset
         )
         INSERT INTO sender_counters (room_id, user_id, last_ordinal) VALUES ($1, $3, $4)
         ON CONFLICT (room_id, user_id) DO UPDATE SET last_ordinal = excluded.last_ordinal`,
        [busy, seq, owner, ordinal],
      );
    const unreadOf = async (as: number) => (await send('GET', '/unread', { as })).body;
    expect(await unreadOf(guest)).toEqual({ total: 0, rooms: [] });
    await write(3, 3);
    await send('POST', `/join/${busy}`, { as: guest });
    await send('POST', `/join/${quiet}`, { as: guest });
    await write(5, 5);
    const answer = await unreadOf(guest);
    expect(UnreadDTOSchema.parse(answer)).toEqual(answer);
    expect(answer).toEqual({
      total: 2,
      rooms: [
        { roomId: busy, unreadCount: 2 },
        { roomId: quiet, unreadCount: 0 },
      ],
    });
    expect((await unreadOf(owner)).total).toBe(0);
    const own = (await send('GET', '/user', { as: guest })).body.content;
    expect(own.map(({ unreadCount }: { unreadCount: number }) => unreadCount).sort()).toEqual([0, 2]);
  });

  it('answers who has said who they are, and GET alone', async () => {
    expect((await send('GET', '/unread')).status).toBe(401);
    expect((await send('POST', '/unread', { as: newUser() })).status).toBe(405);
  });
});

describe('POST /chat-rooms/join/{id}', () => {
  it('makes the caller a member of a public room, once', async () => {
    const [owner, guest] = [newUser(), newUser()];
    const roomId = await newRoom(owner);
    const joined = await send('POST', `/join/${roomId}`, { as: guest });
    expect(joined).toMatchObject({ status: 200, body: { id: roomId, ownerId: owner } });
    expect(ChatRoomDTOSchema.safeParse(joined.body).success).toBe(true);
    expect(await send('POST', `/join/${roomId}`, { as: guest })).toMatchObject({ status: 200, body: joined.body });
    expect((await eventsOf(roomId)).slice(2)).toEqual([
      { roomId, event: 'MEMBER_ADDED', userId: guest, role: 'MEMBER', version: 2, at: expect.any(String) },
    ]);
  });

  it('of 100 at once by one user makes one membership and one event', async () => {
    const guest = newUser();
    const roomId = await newRoom(newUser());
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => send('POST', `/join/${roomId}`, { as: guest })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(
      await under.query('SELECT 1 FROM memberships WHERE room_id = $1 AND user_id = $2', [roomId, guest]),
    ).toHaveLength(1);
    expect(await eventsOf(roomId)).toHaveLength(3);
  });

  it('of 30 different users at once gives 30 memberships with versions of their own, in the order of the events', async () => {
    const roomId = await newRoom(newUser());
    const guests = Array.from({ length: 30 }, newUser);
    const answers = await Promise.all(guests.map((as) => send('POST', `/join/${roomId}`, { as })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const events = (await eventsOf(roomId)).slice(2);
    expect(events.map(({ version }) => version)).toEqual(Array.from({ length: 30 }, (_, index) => index + 2));
    expect(new Set(events.map(({ userId }) => userId))).toEqual(new Set(guests));
  });

  it('gives the last place once, also where two instances are asked, and says how many a room may have', async () => {
    const [owner, guests] = [newUser(), Array.from({ length: 10 }, newUser)];
    const roomId = await newRoom(owner);
    await under.query(
      `INSERT INTO memberships (room_id, user_id, role, version, joined_at)
       SELECT $1, 1000000 + number, 'MEMBER', 1, now() FROM generate_series(1, $2::int) AS number`,
      [roomId, ROOM_MEMBERS_MAX_COUNT - 2],
    );
    const join = (as: number, index: number) =>
      (index % 2 === 0 ? http : otherInstance).request('POST', `${ROOMS}/join/${roomId}`, { as });
    const answers = await Promise.all(guests.map(join));
    const refusals = answers.filter(({ status }) => status !== 200);
    expect(refusals).toHaveLength(guests.length - 1);
    for (const { status, body } of refusals) {
      expect(status).toBe(409);
      expect(body).toMatchObject({ code: 'ROOM_FULL', retryable: false });
      expect(body.detail).toContain(String(ROOM_MEMBERS_MAX_COUNT));
    }
    const added = await send('POST', `/${roomId}/members`, { as: owner, body: { userId: newUser() } });
    expect([added.status, added.body.code]).toEqual([409, 'ROOM_FULL']);
    const [row] = await under.query('SELECT count(*)::int AS count FROM memberships WHERE room_id = $1', [roomId]);
    expect(row).toEqual({ count: ROOM_MEMBERS_MAX_COUNT });
  });

  it('of an unknown room, or a private one without invitation, is a 404', async () => {
    const roomId = await newRoom(newUser(), { visibility: 'PRIVATE' });
    expect(await send('POST', '/join/999999', { as: 1 })).toMatchObject({
      status: 404,
      body: { code: 'ROOM_NOT_FOUND' },
    });
    expect(await send('POST', `/join/${roomId}`, { as: newUser() })).toMatchObject({
      status: 404,
      body: { code: 'ROOM_NOT_FOUND' },
    });
    expect(await under.query('SELECT 1 FROM memberships WHERE room_id = $1', [roomId])).toHaveLength(1);
  });

  it('of an archived room is refused to who is no member yet', async () => {
    const owner = newUser();
    const roomId = await newRoom(owner);
    await send('DELETE', `/${roomId}`, { as: owner });
    expect(await send('POST', `/join/${roomId}`, { as: newUser() })).toMatchObject({
      status: 409,
      body: { code: 'ROOM_ARCHIVED' },
    });
    expect(await send('POST', `/join/${roomId}`, { as: owner })).toMatchObject({ status: 200 });
  });
});

describe('one room', () => {
  it('is shown to everybody when public, to members and the invited when private', async () => {
    const [owner, invited] = [newUser(), newUser()];
    const open = await newRoom(owner);
    const closed = await newRoom(owner, { visibility: 'PRIVATE' });
    await send('POST', `/${closed}/members`, { as: owner, body: { userId: invited } });
    expect(await send('GET', `/${open}`, { as: newUser() })).toMatchObject({ status: 200, body: { id: open } });
    expect(await send('GET', `/${closed}`, { as: owner })).toMatchObject({ status: 200, body: { id: closed } });
    expect(await send('GET', `/${closed}`, { as: invited })).toMatchObject({ status: 200 });
    for (const path of [`/${closed}`, `/${closed}/members`, `/${closed}/messages`]) {
      expect(await send('GET', path, { as: newUser() })).toMatchObject({
        status: 404,
        body: { code: 'ROOM_NOT_FOUND' },
      });
    }
  });

  it('changes what is named in a PATCH and nothing else', async () => {
    const owner = newUser();
    const roomId = await newRoom(owner, { description: 'old', metadata: { a: 1 } });
    const changed = await send('PATCH', `/${roomId}`, { as: owner, body: { name: 'New', metadata: { b: 2 } } });
    expect(changed).toMatchObject({ status: 200, body: { name: 'New', description: 'old', metadata: { b: 2 } } });
    expect(changed.body.updatedAt >= changed.body.createdAt).toBe(true);
    expect((await send('GET', `/${roomId}`, { as: owner })).body).toEqual(changed.body);
    expect((await eventsOf(roomId)).at(-1)).toMatchObject({ event: 'ROOM_UPDATED', version: 2 });
  });

  it('is changed by owner and admins only, and by nothing that is no change', async () => {
    const [owner, guest] = [newUser(), newUser()];
    const roomId = await newRoom(owner);
    const patch = (as: number, body: object) => send('PATCH', `/${roomId}`, { as, body });
    expect(await patch(guest, { name: 'x' })).toMatchObject({ status: 403, body: { code: 'NOT_A_MEMBER' } });
    await send('POST', `/join/${roomId}`, { as: guest });
    expect(await patch(guest, { name: 'x' })).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    await send('PATCH', `/${roomId}/members/${guest}`, { as: owner, body: { role: 'ADMIN' } });
    expect(await patch(guest, { name: 'x' })).toMatchObject({ status: 200 });
    expect(await patch(owner, {})).toMatchObject({ status: 400, body: { errors: [{ field: 'body' }] } });
    expect(await patch(owner, { name: '' })).toMatchObject({ status: 400, body: { errors: [{ field: 'name' }] } });
    expect(await send('PATCH', '/999999', { as: owner, body: { name: 'x' } })).toMatchObject({ status: 404 });
  });

  it('is archived by its owner, once, and then keeps as it is', async () => {
    const [owner, guest] = [newUser(), newUser()];
    const roomId = await newRoom(owner);
    await send('POST', `/join/${roomId}`, { as: guest });
    expect(await send('DELETE', `/${roomId}`, { as: guest })).toMatchObject({ status: 403 });
    expect(await send('DELETE', `/${roomId}`, { as: owner })).toMatchObject({ status: 204, body: null });
    expect(await send('DELETE', `/${roomId}`, { as: owner })).toMatchObject({ status: 204 });
    expect((await eventsOf(roomId)).filter(({ event }) => event === 'ROOM_ARCHIVED')).toHaveLength(1);
    expect(await send('GET', `/${roomId}`, { as: guest })).toMatchObject({ body: { status: 'ARCHIVED' } });
    expect(await send('GET', `/${roomId}/messages`, { as: guest })).toMatchObject({ status: 200 });
    const refused = { status: 409, body: { code: 'ROOM_ARCHIVED' } };
    expect(await send('PATCH', `/${roomId}`, { as: owner, body: { name: 'x' } })).toMatchObject(refused);
    expect(await send('POST', `/${roomId}/members`, { as: owner, body: { userId: 1 } })).toMatchObject(refused);
    expect(await send('PATCH', `/${roomId}/members/${guest}`, { as: owner, body: { role: 'ADMIN' } })).toMatchObject(
      refused,
    );
  });
});

describe('a DIRECT room made by POST /chat-rooms', () => {
  it('takes one more member, and no third', async () => {
    const [ada, bob, cleo] = [newUser(), newUser(), newUser()];
    const made = await send('POST', '', { as: ada, body: { name: 'The two of us', type: 'DIRECT' } });
    expect(made).toMatchObject({ status: 201, body: { type: 'DIRECT', ownerId: ada } });
    const another = await send('POST', '', { as: ada, body: { name: 'Two others', type: 'DIRECT' } });
    expect(another.status).toBe(201);
    expect(await send('POST', `/join/${made.body.id}`, { as: bob })).toMatchObject({ status: 200 });
    const fixed = { status: 409, body: { code: 'DIRECT_ROOM_FIXED' } };
    expect(await send('POST', `/join/${made.body.id}`, { as: cleo })).toMatchObject(fixed);
    expect(await send('POST', `/${made.body.id}/members`, { as: ada, body: { userId: cleo } })).toMatchObject(fixed);
  });
});

describe('POST /chat-rooms/direct/{userId}', () => {
  it('is 201 with the room of the pair, then 200 with the same, from either side', async () => {
    const [ada, bob] = [newUser(), newUser()];
    const first = await send('POST', `/direct/${bob}`, { as: ada });
    expect(first).toMatchObject({ status: 201, body: { type: 'DIRECT', visibility: 'PRIVATE', ownerId: ada } });
    expect(first.headers.get('location')).toBe(`${ROOMS}/${first.body.id}`);
    expect(await send('POST', `/direct/${ada}`, { as: bob })).toMatchObject({ status: 200, body: first.body });
    const { body } = await send('GET', `/${first.body.id}/members`, { as: bob });
    expect(body.items.map(({ userId, role }: { userId: number; role: string }) => [userId, role])).toEqual([
      [ada, 'OWNER'],
      [bob, 'MEMBER'],
    ]);
    expect((await eventsOf(first.body.id)).map(({ event, userId }) => [event, userId])).toEqual([
      ['ROOM_CREATED', undefined],
      ['MEMBER_ADDED', ada],
      ['MEMBER_ADDED', bob],
    ]);
  });

  it('of 100 at once from both sides, at two instances, makes one room', async () => {
    const [ada, bob] = [newUser(), newUser()];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const instance = index % 4 < 2 ? http : otherInstance;
        const [as, other] = index % 2 === 0 ? [ada, bob] : [bob, ada];
        return instance.request('POST', `${ROOMS}/direct/${other}`, { as });
      }),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(
      answers
        .map(({ status }) => status)
        .sort()
        .slice(-2),
    ).toEqual([200, 201]);
    expect(await eventsOf(answers[0]?.body.id)).toHaveLength(3);
  });

  it('keeps its two members', async () => {
    const [ada, bob] = [newUser(), newUser()];
    const { body } = await send('POST', `/direct/${bob}`, { as: ada });
    const fixed = { status: 409, body: { code: 'DIRECT_ROOM_FIXED' } };
    expect(await send('POST', `/${body.id}/members`, { as: ada, body: { userId: 1 } })).toMatchObject(fixed);
    expect(await send('DELETE', `/${body.id}/members/${bob}`, { as: bob })).toMatchObject(fixed);
    expect(await send('PATCH', `/${body.id}/members/${bob}`, { as: ada, body: { role: 'ADMIN' } })).toMatchObject(
      fixed,
    );
    expect(await send('POST', `/join/${body.id}`, { as: newUser() })).toMatchObject({ status: 404 });
  });

  it('with oneself is a 400', async () => {
    const ada = newUser();
    expect(await send('POST', `/direct/${ada}`, { as: ada })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'userId' }] },
    });
    expect(await send('POST', '/direct/x', { as: ada })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'userId' }] },
    });
  });
});
