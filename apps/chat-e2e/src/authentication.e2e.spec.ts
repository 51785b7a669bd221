import { randomBytes } from 'node:crypto';
import type { BasicUserInfoDTO, ChatRoomDTO } from '@chat/dto';
import { createGatewaySignature, createToken, eventually } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useInstancesBeside, type InstanceBeside } from './beside.ts';
import { refusalOf, ROOMS } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson, type Person } from './clients/person.ts';
import { RestCaller } from './clients/rest-caller.ts';
import { SessionEndedError, StompSession } from './clients/stomp-session.ts';
import { ISSUER_CLAIMS, openTokenIssuer, type TokenChange, type TokenIssuer } from './clients/token-issuer.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();
const startBeside = useInstancesBeside();

/** Known to the two instances beside, whose algorithms do not have HS256; in production it is strong enough. */
const UNUSED_SECRET = randomBytes(32).toString('hex');
/** A set that was read a moment ago is read again 5 s later at the earliest. */
const ROTATED = { deadlineMs: 10_000, everyMs: 200 };
let issuer: TokenIssuer;
let api: InstanceBeside;
let gateway: InstanceBeside;
beforeAll(async () => {
  issuer = await openTokenIssuer();
  const env = { ...issuer.env, NODE_ENV: 'production', JWT_SECRET: UNUSED_SECRET };
  [api, gateway] = await Promise.all([startBeside('rooms-api', env), startBeside('ws-gateway-5', env)]);
});
afterAll(() => issuer.close());

const badTokens: readonly (readonly [string, string, string])[] = [
  ['expired', createToken({ userId: 1, expiresInSeconds: -60 }), 'TOKEN_EXPIRED'],
  ['wrongly signed', createToken({ userId: 1, secret: 'another-secret-with-more-than-32-bytes!' }), 'UNAUTHENTICATED'],
  ['unsigned (alg none)', createToken({ userId: 1, algorithm: 'none' }), 'UNAUTHENTICATED'],
  ['signed by another algorithm', createToken({ userId: 1, algorithm: 'HS384' }), 'UNAUTHENTICATED'],
  ['without exp', createToken({ userId: 1, expiresInSeconds: null }), 'UNAUTHENTICATED'],
  ['without a numeric sub', createToken({ userId: 'alice' }), 'UNAUTHENTICATED'],
  ['no token at all', 'nonsense', 'UNAUTHENTICATED'],
];

/** What the two beside make of a token: as whom rooms-api lets in, and whether the gateway takes a message of the same user. */
async function outcomesOf(token: string): Promise<readonly [rest: unknown, stomp: unknown]> {
  const caller = new RestCaller(api.publicUrl, { authorization: `Bearer ${token}` });
  const { body } = await caller.post<Partial<ChatRoomDTO> & { code?: string }>(ROOMS, { name: 'whose' });
  const stomp = StompSession.open({ url: `${gateway.publicUrl.replace('http', 'ws')}/ws`, token }).then(
    (session) =>
      session
        .sendMessage(body.id ?? 1, marked('mine'))
        .then(() => 'taken', String)
        .finally(() => session.abandon()),
    (error: unknown) => {
      if (error instanceof SessionEndedError) return `${error.errorFrame?.headers['code']} ${error.end.code}`;
      throw error;
    },
  );
  return [body.ownerId ?? body.code, await stomp];
}
const TAKEN_FROM = ({ id }: Person) => [id, 'taken'];
const REFUSED = ['UNAUTHENTICATED', 'UNAUTHENTICATED 1008'];

describe('a token of an issuer with a key set', () => {
  const tokenWith = (change: TokenChange) => issuer.tokenOf(newPerson('eve'), 'RS256', change);
  const secretToken = (secret: string) => createToken({ secret, claims: ISSUER_CLAIMS });

  it.each(['RS256', 'ES256'] as const)('signed by %s is taken by REST and by CONNECT', async (algorithm) => {
    const alice = newPerson('alice');

    expect(await outcomesOf(issuer.tokenOf(alice, algorithm))).toEqual(TAKEN_FROM(alice));
  });

  it.each<[string, () => string]>([
    ['of another issuer', () => tokenWith({ claims: { iss: `${ISSUER_CLAIMS.iss}/` } })],
    ['of no issuer', () => tokenWith({ claims: { iss: undefined } })],
    ['for another audience', () => tokenWith({ claims: { aud: ['web'] } })],
    ['for no audience', () => tokenWith({ claims: { aud: undefined } })],
    ['of a key that is not in the set', () => tokenWith({ keyId: 'made-up' })],
    [
      'that names the key of another algorithm',
      () => issuer.tokenOf(newPerson(), 'ES256', { keyId: issuer.keyIdOf('RS256') }),
    ],
    ['signed with the public key as a secret (HS256)', () => secretToken(issuer.publicKeyOf('RS256'))],
    ['signed with the secret, where HS256 is not among the algorithms', () => secretToken(UNUSED_SECRET)],
  ])('%s is refused by both', async (_, forge) => {
    expect(await outcomesOf(forge())).toEqual(REFUSED);
  });

  it('that has expired is refused as such', async () => {
    expect(await outcomesOf(tokenWith({ expiresInSeconds: -60 }))).toEqual(['TOKEN_EXPIRED', 'TOKEN_EXPIRED 1008']);
  });
});

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
    const post = (url: string, headers: Record<string, string>) =>
      new RestCaller(url).post(ROOMS, { name: 'once' }, headers).then(({ status }) => status);
    const signed = signedHeaders(alice.id, ROOMS, { method: 'POST' });

    expect(await post(chat.addresses.restUrl, signed)).toBe(201);
    for (const url of [chat.addresses.restUrl, api.publicUrl]) expect(await post(url, signed)).toBe(401);

    const path = `${ROOMS}/user`;
    const get = (headers: Record<string, string>) =>
      new RestCaller(api.publicUrl).get(path, { headers }).then(({ status }) => status);
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

/** Comes last: the set was read when the first of its tokens came, and is not read again within 5 s. */
describe('an issuer that rotates its keys', () => {
  it.each(['RS256', 'ES256'] as const)(
    'has %s tokens of the new key taken, and of the old one no more, by apps that went on running',
    async (algorithm) => {
      const alice = newPerson('alice');
      const pids = [api, gateway].map(({ service }) => service.pid);
      const old = issuer.tokenOf(alice, algorithm);
      expect(await outcomesOf(old)).toEqual(TAKEN_FROM(alice));

      issuer.rotate(algorithm);

      const next = issuer.tokenOf(alice, algorithm);
      await eventually(async () => expect(await outcomesOf(next)).toEqual(TAKEN_FROM(alice)), ROTATED);
      expect(await outcomesOf(old)).toEqual(REFUSED);
      expect([api, gateway].map(({ service }) => service.pid)).toEqual(pids);
    },
  );
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
