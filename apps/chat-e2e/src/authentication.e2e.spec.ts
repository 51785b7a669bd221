import type { BasicUserInfoDTO, ChatRoomDTO } from '@chat/dto';
import { createGatewaySignature, createToken, eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { useInstancesBeside } from './beside.ts';
import { refusalOf, ROOMS } from './clients/chat-driver.ts';
import { newPerson, type Person } from './clients/person.ts';
import { RestCaller } from './clients/rest-caller.ts';
import type { StompSession } from './clients/stomp-session.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();
const startBeside = useInstancesBeside();

const badTokens: readonly (readonly [string, string, string])[] = [
  ['expired', createToken({ userId: 1, expiresInSeconds: -60 }), 'TOKEN_EXPIRED'],
  ['wrongly signed', createToken({ userId: 1, secret: 'another-secret-with-more-than-32-bytes!' }), 'UNAUTHENTICATED'],
  ['unsigned (alg none)', createToken({ userId: 1, algorithm: 'none' }), 'UNAUTHENTICATED'],
  ['signed by another algorithm', createToken({ userId: 1, algorithm: 'HS384' }), 'UNAUTHENTICATED'],
  ['without exp', createToken({ userId: 1, expiresInSeconds: null }), 'UNAUTHENTICATED'],
  ['without a numeric sub', createToken({ userId: 'alice' }), 'UNAUTHENTICATED'],
  ['no token at all', 'nonsense', 'UNAUTHENTICATED'],
];

describe('the public REST listener', () => {
  it('answers 401 without a token', async () => {
    const { status, headers, body } = await chat.anonymous.get(ROOMS);

    expect(status).toBe(401);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(body).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
  });

  it.each(badTokens)('answers 401 for a token that is %s', async (_, token, code) => {
    const { status, body } = await chat.anonymous.get(ROOMS, { headers: { authorization: `Bearer ${token}` } });

    expect(status).toBe(401);
    expect(body).toMatchObject({ code });
  });

  it.each([
    ['POST', ROOMS],
    ['GET', ROOMS],
    ['GET', `${ROOMS}/user`],
    ['POST', `${ROOMS}/join/1`],
    ['GET', `${ROOMS}/1`],
    ['PATCH', `${ROOMS}/1`],
    ['DELETE', `${ROOMS}/1`],
    ['GET', `${ROOMS}/1/members`],
    ['GET', `${ROOMS}/1/messages`],
  ])('asks who calls %s %s', async (method, path) => {
    const { status } = await chat.anonymous.request(method, path);

    expect(status).toBe(401);
  });

  it('ignores X-User-UserId without proof', async () => {
    const alice = newPerson('alice');
    const victim = newPerson('victim');

    const alone = await chat.anonymous.get(`${ROOMS}/user`, { headers: { 'x-user-userid': String(victim.id) } });
    const created = await chat
      .as(alice)
      .post<ChatRoomDTO>(ROOMS, { name: 'whose' }, { 'x-user-userid': String(victim.id) });

    expect(alone.status).toBe(401);
    expect(created.body.ownerId).toBe(alice.id);
  });

  it('honours X-User-UserId with a valid signature of the API gateway', async () => {
    const alice = newPerson('alice');
    const { id } = await chat.createRoom(alice, { visibility: 'PRIVATE' });
    const path = `${ROOMS}/${id}?a=%20b`;

    const { status, body } = await chat.anonymous.get<ChatRoomDTO>(path, { headers: signedHeaders(alice.id, path) });

    expect(status).toBe(200);
    expect(body.id).toBe(id);
  });

  it.each([
    [
      'made for another user',
      (id: number, path: string) => ({ ...signedHeaders(id + 1, path), 'x-user-userid': `${id}` }),
    ],
    ['made for another path', (id: number, path: string) => signedHeaders(id, `${path}&more=1`)],
    ['made for another method', (id: number, path: string) => signedHeaders(id, path, { method: 'POST' })],
    ['31 s old', (id: number, path: string) => signedHeaders(id, path, { ageSeconds: 31 })],
    ['made with another key', (id: number, path: string) => signedHeaders(id, path, { key: 'k'.repeat(40) })],
    ['of an unknown key id', (id: number, path: string) => signedHeaders(id, path, { keyId: 'edge-2' })],
  ])('ignores X-User-UserId with a signature %s', async (_, headersOf) => {
    const path = `${ROOMS}/user?page=0`;

    const { status } = await chat.anonymous.get(path, { headers: headersOf(newPerson('alice').id, path) });

    expect(status).toBe(401);
  });

  it('takes each proof of a change once, on all instances together; one of a read again for a moment, with a nonce never', async () => {
    const alice = newPerson('alice');
    const another = await startBeside('rooms-api');
    const post = (url: string, headers: Record<string, string>) =>
      new RestCaller(url).post(ROOMS, { name: 'once' }, headers).then(({ status }) => status);
    const signed = signedHeaders(alice.id, ROOMS, { method: 'POST' });

    expect(await post(chat.addresses.restUrl, signed)).toBe(201);
    for (const url of [chat.addresses.restUrl, another.publicUrl]) expect(await post(url, signed)).toBe(401);

    const path = `${ROOMS}/user`;
    const get = (headers: Record<string, string>) =>
      new RestCaller(another.publicUrl).get(path, { headers }).then(({ status }) => status);
    const [read, once] = [signedHeaders(alice.id, path), signedHeaders(alice.id, path, { nonce: 'nonce-0001' })];
    expect([await get(read), await get(read), await get(once), await get(once)]).toEqual([200, 200, 200, 401]);
  });

  it('does not serve what belongs to the internal listener', async () => {
    const alice = chat.as(newPerson('alice'));

    for (const path of ['/internal/chat/room_last_seen?chatRoomId=1&userId=1', '/metrics', '/readyz']) {
      expect((await alice.get(path)).status).toBe(404);
    }
  });

  it('is not served by the internal listener', async () => {
    const { status } = await new RestCaller(chat.addresses.internalUrl).get(ROOMS);

    expect(status).toBe(404);
  });
});

describe('CONNECT', () => {
  it.each(badTokens)('with a token that is %s gets ERROR and close 1008', async (_, token, code) => {
    const connection = await chat.openRaw();
    connection.sendFrame('CONNECT', { 'accept-version': '1.2', Authorization: `Bearer ${token}`, receipt: 'r1' });

    const error = await connection.next('ERROR');

    expect(error.headers).toMatchObject({ code, 'receipt-id': 'r1' });
    expect((await connection.ended()).code).toBe(1008);
  });

  it('without a token gets ERROR and close 1008', async () => {
    const connection = await chat.openRaw();
    connection.sendFrame('CONNECT', { 'accept-version': '1.2' });

    expect((await connection.next('ERROR')).headers['code']).toBe('UNAUTHENTICATED');
    expect((await connection.ended()).code).toBe(1008);
  });

  it('is believed in its Authorization header alone', async () => {
    const connection = await chat.openRaw();
    connection.sendFrame('CONNECT', { 'accept-version': '1.2', login: '1', passcode: 'x', 'X-User-UserId': '1' });

    expect((await connection.next('ERROR')).headers['code']).toBe('UNAUTHENTICATED');
  });

  it('opens a session that ends with ERROR TOKEN_EXPIRED and 4001 when its token expires', async () => {
    const { id } = newPerson('alice');
    const connection = await chat.openRaw();
    await connection.connect(createToken({ userId: id, expiresInSeconds: 2 }));

    expect((await connection.next('ERROR')).headers['code']).toBe('TOKEN_EXPIRED');
    expect((await connection.ended()).code).toBe(4001);
  });
});

describe('/app/auth.refresh', () => {
  const LIFE_SECONDS = 3;
  const tokenOf = ({ id }: Person, lives = 1) => createToken({ userId: id, expiresInSeconds: lives * LIFE_SECONDS });
  const refresh = (session: StompSession, token: string) => session.send('/app/auth.refresh', { token });
  const refusal = async (session: StompSession, token: string) => (await refusalOf(refresh(session, token))).code;

  it('keeps a session open past the end of its first token, until that of its last', async () => {
    const alice = newPerson('alice');
    const [refreshed, left] = await Promise.all([
      chat.connect({ ...alice, token: tokenOf(alice) }, 0),
      chat.connect({ ...alice, token: tokenOf(alice) }, 1),
    ]);

    await refresh(refreshed, tokenOf(alice, 2));

    expect((await left.ended).code).toBe(4001);
    expect(left.errorFrame?.headers['code']).toBe('TOKEN_EXPIRED');
    await refreshed.send('/app/heartbeat');
    await refresh(refreshed, tokenOf(alice));
    expect((await refreshed.ended).code).toBe(4001);
    expect(refreshed.refusals).toEqual([]);
  });

  it('refuses a token of somebody else, or one that CONNECT would refuse, and the session lives', async () => {
    const alice = newPerson('alice');
    const session = await chat.connect(alice);

    expect(await refusal(session, newPerson('bob').token)).toBe('FORBIDDEN');
    for (const [, token, code] of badTokens) expect(await refusal(session, token)).toBe(code);
    expect(await refusal(session, '')).toBe('INVALID_REQUEST');

    await refresh(session, alice.token);
  });

  it('keeps the name that the new token carries', async () => {
    const alice = newPerson('alice');
    const roomId = await chat.createRoomOf(alice);
    const session = await chat.connect(alice);

    await refresh(session, createToken({ userId: alice.id, claims: { username: 'alice-renamed' } }));

    const batch = `/internal/chat/chat-rooms/${roomId}/presence/websocket/users/batch`;
    await eventually(async () => {
      const { body } = await chat.internal.get<readonly BasicUserInfoDTO[]>(batch);
      expect(body).toMatchObject([{ id: alice.id, username: 'alice-renamed' }]);
    });
  });
});

interface SignatureOptions {
  readonly method?: string;
  readonly ageSeconds?: number;
  readonly key?: string;
  readonly keyId?: string;
  readonly nonce?: string;
}

function signedHeaders(userId: number, pathAndQuery: string, options: SignatureOptions = {}): Record<string, string> {
  const { id, secret } = chat.addresses.gatewayKey;
  const { method = 'GET', ageSeconds = 0, key = secret, keyId = id, nonce } = options;
  const unixSeconds = Math.floor(Date.now() / 1000) - ageSeconds;
  return {
    'x-user-userid': String(userId),
    'x-gateway-signature': createGatewaySignature({
      ...{ keyId, key, method, pathAndQuery, userId, unixSeconds },
      ...(nonce !== undefined && { nonce }),
    }),
  };
}
