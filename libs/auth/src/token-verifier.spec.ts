import { createServer, type Server, type ServerResponse } from 'node:http';
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ChatError } from '@chat/service-kit';
import { createSignedToken, createToken, eventually, TEST_JWT_SECRET } from '@chat/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from './caller.ts';
import { createTokenVerifier, TOKEN_MAX_LENGTH, type TokenVerifierConfig } from './token-verifier.ts';

const shared: TokenVerifierConfig = { jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] };
const verify = (token: string, config = shared) => createTokenVerifier(config).verify(token);
const refusal = (code: string) => expect.objectContaining({ code });

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

/** A token of user 5 signed by a private key. */
function signedToken(algorithm: 'RS256' | 'ES256', privateKey: KeyObject, header = {}): string {
  return createSignedToken({ algorithm, privateKey, header }, { userId: 5, claims: { username: 'eve' } });
}

describe('a token with the shared secret', () => {
  it('tells user, username and end', async () => {
    const claims = { username: 'john.doe', exp: 4_000_000_000, iat: 1_000, jti: 't-7' };
    const token = createToken({ userId: 948_359_823_823_823, claims });
    expect(await verify(token)).toEqual({
      userId: 948_359_823_823_823,
      username: 'john.doe',
      expiresAt: 4_000_000_000_000,
      token: { id: 't-7', issuedAt: 1_000_000 },
    });
  });

  it.each([[undefined], [''], [7], ['j'.repeat(201)], ['nul\u0000']])(
    'with jti %j is known by what was signed',
    async (jti) => {
      const token = createToken({ claims: { jti, iat: undefined } });
      const { token: mark } = await verify(token);
      expect(mark).toEqual({ id: expect.stringMatching(/^sha256:[\w-]{43}$/), issuedAt: null });
      const signed = token.slice(0, token.lastIndexOf('.'));
      expect(mark.id).toBe(`sha256:${createHash('sha256').update(signed).digest('base64url')}`);
    },
  );

  it('is refused where it is revoked', async () => {
    const asked: Caller[] = [];
    const refusalOf = (caller: Caller) => (asked.push(caller), new ChatError('REVOKED'));
    const verifier = createTokenVerifier(shared, undefined, { refusalOf });
    await expect(verifier.verify(createToken({ userId: 7 }))).rejects.toEqual(refusal('REVOKED'));
    expect(asked).toMatchObject([{ userId: 7 }]);
  });

  it.each([
    [{ username: 'u', preferred_username: 'p', name: 'n' }, 'u'],
    [{ preferred_username: 'p', name: 'n' }, 'p'],
    [{ username: '', preferred_username: 7, name: 'n' }, 'n'],
    [{ username: 'nul\u0000', name: 'n' }, 'n'],
    [{ username: '   ' }, 'user-1'],
    [{}, 'user-1'],
    [{ username: '😀'.repeat(300) }, '😀'.repeat(200)],
  ])('with claims %j has the username %s', async (claims, username) => {
    expect(await verify(createToken({ claims }))).toMatchObject({ username });
  });

  it('is refused when it has expired, to the second', async () => {
    const clock = { now: () => 1_000_000 };
    const verifier = createTokenVerifier(shared, clock);
    await expect(verifier.verify(createToken({ claims: { exp: 1_000 } }))).rejects.toEqual(refusal('TOKEN_EXPIRED'));
    expect(await verifier.verify(createToken({ claims: { exp: 1_001 } }))).toMatchObject({ expiresAt: 1_001_000 });
  });

  it.each([
    ['another secret', createToken({ secret: 'another-secret-of-more-than-32-bytes!' })],
    ['no exp', createToken({ expiresInSeconds: null })],
    ['an exp that is no number', createToken({ claims: { exp: 'tomorrow' } })],
    ['no sub', createToken({ claims: { sub: undefined } })],
    ['a sub that is no user id', createToken({ userId: 'root' })],
    ['sub 0', createToken({ userId: 0 })],
    ['a sub over 2^53−1', createToken({ userId: '9007199254740993' })],
    ['a sub in an array', createToken({ claims: { sub: ['1'] } })],
    ['algorithm none', createToken({ algorithm: 'none' })],
    ['another algorithm of the same secret', createToken({ algorithm: 'HS384' })],
    ['a time before which it is not valid', createToken({ claims: { nbf: 4_000_000_000 } })],
    ['a changed payload', createToken().replace(/\.(.)/, (_, first: string) => `.${first === 'e' ? 'f' : 'e'}`)],
    ['too many characters', createToken({ claims: { x: 'x'.repeat(TOKEN_MAX_LENGTH) } })],
    ['nothing in it', ''],
    ['two dots', 'a.b.c'],
    ['a header that is no JSON', 'e30.e30.e30'],
  ])('with %s is UNAUTHENTICATED', async (_, token) => {
    await expect(verify(token)).rejects.toEqual(refusal('UNAUTHENTICATED'));
  });

  it('is told the limit where it is too long', async () => {
    const token = createToken({ claims: { x: 'x'.repeat(TOKEN_MAX_LENGTH) } });
    await expect(verify(token)).rejects.toThrow(`at most ${TOKEN_MAX_LENGTH} characters`);
  });

  it('is understood with a sub that is a JSON number', async () => {
    expect(await verify(createToken({ claims: { sub: 12 } }))).toMatchObject({ userId: 12 });
  });

  it('says nothing of the secret or the token when it is refused', async () => {
    const token = createToken({ secret: 'another-secret-of-more-than-32-bytes!' });
    const error: unknown = await verify(token).catch((reason: unknown) => reason);
    expect(String(error)).not.toContain(token);
    expect(JSON.stringify(error)).not.toContain(TEST_JWT_SECRET);
  });
});

describe('a token with a key pair', () => {
  const byRsa: TokenVerifierConfig = { jwtPublicKey: pemOf(rsa.publicKey), jwtAlgorithms: ['RS256'] };
  const byEc: TokenVerifierConfig = { jwtPublicKey: pemOf(ec.publicKey), jwtAlgorithms: ['ES256'] };

  it('is verified with the PEM, also one on a single line', async () => {
    expect(await verify(signedToken('RS256', rsa.privateKey), byRsa)).toMatchObject({ userId: 5, username: 'eve' });
    expect(await verify(signedToken('ES256', ec.privateKey), byEc)).toMatchObject({ userId: 5 });
    const oneLine = { ...byRsa, jwtPublicKey: pemOf(rsa.publicKey).replaceAll('\n', '\\n') };
    expect(await verify(signedToken('RS256', rsa.privateKey), oneLine)).toMatchObject({ userId: 5 });
  });

  it('cannot be forged with the public key as a shared secret', async () => {
    const forged = createToken({ secret: pemOf(rsa.publicKey) });
    await expect(verify(forged, byRsa)).rejects.toEqual(refusal('UNAUTHENTICATED'));
    const both: TokenVerifierConfig = { ...byRsa, jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['RS256', 'HS256'] };
    await expect(verify(forged, both)).rejects.toEqual(refusal('UNAUTHENTICATED'));
    expect(await verify(createToken(), both)).toMatchObject({ userId: 1 });
  });
});

const jwkOf = (kid: string, key: KeyObject) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' });

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 200);
  response.once('close', () => clearInterval(timer));
}

describe('a token with a key of a key set', () => {
  let server: Server;
  let requestCount = 0;
  let answer: (response: ServerResponse) => void;
  let answerWhole: typeof answer;
  let config: TokenVerifierConfig;

  beforeAll(async () => {
    const keys = [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }];
    server = createServer((_, response) => {
      requestCount += 1;
      answer(response);
    });
    answerWhole = (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    config = { jwtJwksUrl: `http://127.0.0.1:${port}/jwks`, jwtAlgorithms: ['RS256'] };
  });

  afterAll(() => {
    server.close();
  });

  beforeEach(() => {
    answer = answerWhole;
  });

  it('is verified with one request for many tokens', async () => {
    const verifier = createTokenVerifier(config);
    requestCount = 0;
    for (let count = 0; count < 5; count += 1) {
      expect(await verifier.verify(signedToken('RS256', rsa.privateKey, { kid: 'one' }))).toMatchObject({ userId: 5 });
    }
    expect(requestCount).toBe(1);
  });

  it('is verified with one request for tokens of several algorithms', async () => {
    const setOf = { keys: [jwkOf('one', rsa.publicKey), jwkOf('other', ec.publicKey)] };
    answer = (response) => response.end(JSON.stringify(setOf));
    const verifier = createTokenVerifier({ ...config, jwtAlgorithms: ['RS256', 'ES256'] });
    requestCount = 0;
    for (const token of [
      signedToken('RS256', rsa.privateKey, { kid: 'one' }),
      signedToken('ES256', ec.privateKey, { kid: 'other' }),
    ]) {
      expect(await verifier.verify(token)).toMatchObject({ userId: 5 });
    }
    expect(requestCount).toBe(1);
    const confused = signedToken('ES256', ec.privateKey, { kid: 'one' });
    await expect(verifier.verify(confused)).rejects.toEqual(refusal('UNAUTHENTICATED'));
  });

  describe('that its issuer rotates', () => {
    const MINUTE = 60_000;
    const tokenOf = (kid: string | undefined, key = rsa.privateKey) => signedToken('RS256', key, kid ? { kid } : {});
    const next = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const answerKeys = (...keys: readonly object[]) => {
      answer = (response) => void response.end(JSON.stringify({ keys }));
    };
    const down = () => (answer = (response) => void response.writeHead(503).end());
    /** A verifier at a clock of the test's: tokens expire long after it. */
    const scene = () => {
      const clock = { at: Date.now() - 24 * 60 * MINUTE, now: () => clock.at };
      const verifier = createTokenVerifier(config, clock);
      const outcome = (token: string) =>
        verifier.verify(token).then(
          () => 'taken',
          ({ code }: { code: string }) => code,
        );
      return { clock, outcome };
    };

    it('is taken with the new key at once, with the old one until the set is a cache age old', async () => {
      const { clock, outcome } = scene();
      expect(await outcome(tokenOf('one'))).toBe('taken');
      answerKeys(jwkOf('two', next.publicKey));
      clock.at += 9 * MINUTE;
      expect(await outcome(tokenOf('one'))).toBe('taken');
      clock.at += MINUTE;
      expect(await outcome(tokenOf('one'))).toBe('UNAUTHENTICATED');
      expect(await outcome(tokenOf('two', next.privateKey))).toBe('taken');
    });

    it('is refused with the old key as soon as a new one was seen', async () => {
      const { clock, outcome } = scene();
      await outcome(tokenOf('one'));
      answerKeys(jwkOf('two', next.publicKey));
      clock.at += 5_000;
      expect(await outcome(tokenOf('two', next.privateKey))).toBe('taken');
      expect(await outcome(tokenOf('one'))).toBe('UNAUTHENTICATED');
    });

    it('is looked up once in 5 s at most, whatever keys are made up', async () => {
      const { clock, outcome } = scene();
      await outcome(tokenOf('one'));
      requestCount = 0;
      for (let count = 0; count < 20; count += 1) expect(await outcome(tokenOf(`x${count}`))).toBe('UNAUTHENTICATED');
      expect(requestCount).toBe(0);
      clock.at += 5_000;
      await Promise.all(Array.from({ length: 20 }, (_, count) => outcome(tokenOf(`y${count}`))));
      expect(requestCount).toBe(1);
      expect(await outcome(tokenOf('one'))).toBe('taken');
    });

    it('is taken with a known key while the issuer is away, for 6 hours; with an unknown one it is UNAVAILABLE', async () => {
      const { clock, outcome } = scene();
      await outcome(tokenOf('one'));
      down();
      clock.at += 6 * 60 * MINUTE - 1;
      expect(await outcome(tokenOf('one'))).toBe('taken');
      expect(await outcome(tokenOf('two'))).toBe('UNAVAILABLE');
      clock.at += 1;
      expect(await outcome(tokenOf('one'))).toBe('UNAVAILABLE');
      answer = answerWhole;
      clock.at += 5_000;
      expect(await outcome(tokenOf('one'))).toBe('taken');
    });

    it('does not wait for an issuer that hangs, but once a minute at most, and is taken meanwhile', async () => {
      const { clock, outcome } = scene();
      await outcome(tokenOf('one'));
      const hangsMs = 300;
      answer = (response) => void setTimeout(() => response.destroy(), hangsMs);
      clock.at += 10 * MINUTE;
      const startedAt = performance.now();
      expect(await outcome(tokenOf('one'))).toBe('taken');
      expect(performance.now() - startedAt).toBeGreaterThan(hangsMs - 50);
      for (let seconds = 5; seconds < 55; seconds += 5) {
        clock.at += 5_000;
        expect(await outcome(tokenOf('one'))).toBe('taken');
      }
      expect(performance.now() - startedAt).toBeLessThan(4 * hangsMs);
    });

    it('waits for nobody where the set is 5 minutes old: it is asked for meanwhile, and counts from then on', async () => {
      const { clock, outcome } = scene();
      await outcome(tokenOf('one'));
      answerKeys(jwkOf('two', next.publicKey));
      clock.at += 5 * MINUTE;
      expect(await outcome(tokenOf('one'))).toBe('taken');
      await eventually(async () => expect(await outcome(tokenOf('one'))).toBe('UNAUTHENTICATED'));
      expect(await outcome(tokenOf('two', next.privateKey))).toBe('taken');
    });

    it('is refused with every key where the set has none any more, but not where the answer is no key set', async () => {
      const { clock, outcome } = scene();
      await outcome(tokenOf('one'));
      answer = (response) => void response.end('{"error":"try later"}');
      clock.at += 10 * MINUTE;
      expect(await outcome(tokenOf('one'))).toBe('taken');
      answerKeys();
      clock.at += MINUTE;
      expect(await outcome(tokenOf('one'))).toBe('UNAUTHENTICATED');
      answer = answerWhole;
      clock.at += 5_000;
      expect(await outcome(tokenOf('one'))).toBe('taken');
    });

    it('is refused with a key that is too short, private or for another use, and taken with what else is in the set', async () => {
      const short = generateKeyPairSync('rsa', { modulusLength: 1_024 });
      const own = generateKeyPairSync('rsa', { modulusLength: 2_048 });
      answerKeys(
        jwkOf('short', short.publicKey),
        jwkOf('private', own.privateKey),
        { ...jwkOf('secrets', own.publicKey), use: 'enc' },
        ...[{ kty: 'RSA', kid: 'broken', n: '' }, { kty: 'oct', k: 'AAAA', kid: 'shared' }, 'no key'].map(Object),
        jwkOf('one', rsa.publicKey),
      );
      const { outcome } = scene();
      expect(await outcome(tokenOf('one'))).toBe('taken');
      expect(await outcome(tokenOf(undefined))).toBe('taken');
      for (const kid of ['private', 'secrets'])
        expect(await outcome(tokenOf(kid, own.privateKey))).toBe('UNAUTHENTICATED');
      expect(await outcome(tokenOf('short', short.privateKey))).toBe('UNAUTHENTICATED');
    });

    it('may name no key where the set has but one', async () => {
      const { clock, outcome } = scene();
      expect(await outcome(tokenOf(undefined))).toBe('taken');
      answerKeys(jwkOf('one', rsa.publicKey), jwkOf('two', next.publicKey));
      clock.at += 10 * MINUTE;
      expect(await outcome(tokenOf(undefined))).toBe('UNAUTHENTICATED');
    });
  });

  it('is UNAUTHENTICATED where the set has no such key', async () => {
    const token = signedToken('RS256', rsa.privateKey, { kid: 'two' });
    await expect(verify(token, config)).rejects.toEqual(refusal('UNAUTHENTICATED'));
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['is answered with an error', (response) => void response.writeHead(500).end()],
    ['drips', drip],
    ['breaks off', (response) => response.writeHead(200).write('{', () => response.destroy())],
    ['is no JSON', (response) => void response.end('<html>')],
  ])('is UNAVAILABLE, not refused for good, within its deadline, where the set %s', async (_, badAnswer) => {
    answer = badAnswer;
    const token = signedToken('RS256', rsa.privateKey, { kid: 'one' });
    const startedAt = performance.now();
    await expect(verify(token, config)).rejects.toEqual(refusal('UNAVAILABLE'));
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  });

  it('is UNAVAILABLE, not refused for good, where nobody has the set', async () => {
    const nobody = { ...config, jwtJwksUrl: 'http://127.0.0.1:1/jwks' };
    const token = signedToken('RS256', rsa.privateKey, { kid: 'one' });
    await expect(verify(token, nobody)).rejects.toEqual(refusal('UNAVAILABLE'));
  });
});

describe('a token of an issuer for an audience', () => {
  const strict = { ...shared, jwtIssuer: 'https://login.example', jwtAudience: 'chat' };
  const claims = { iss: 'https://login.example', aud: ['web', 'chat'] };

  it('is taken where it has both', async () => {
    expect(await verify(createToken({ claims }), strict)).toMatchObject({ userId: 1 });
    expect(await verify(createToken({ claims: { ...claims, aud: 'chat' } }), strict)).toMatchObject({ userId: 1 });
  });

  it.each([
    [{ iss: undefined }],
    [{ iss: 'https://login.example/' }],
    [{ iss: ['https://login.example'] }],
    [{ aud: undefined }],
    [{ aud: ['web'] }],
    [{ aud: 'chat.other' }],
  ])('is refused with %j', async (change) => {
    const token = createToken({ claims: { ...claims, ...change } });
    await expect(verify(token, strict)).rejects.toEqual(refusal('UNAUTHENTICATED'));
  });
});

describe('a clock that may be wrong', () => {
  it('by some seconds lets in what has expired, or begins, so many seconds off, and its session live as long', async () => {
    const clock = { now: () => 1_000_000 };
    const verifier = createTokenVerifier({ ...shared, jwtClockToleranceSeconds: 5 }, clock);
    const verified = (claims: object) => verifier.verify(createToken({ claims: { exp: 2_000, ...claims } }));
    expect(await verified({ exp: 996 })).toMatchObject({ expiresAt: 1_001_000 });
    await expect(verified({ exp: 995 })).rejects.toEqual(refusal('TOKEN_EXPIRED'));
    expect(await verified({ nbf: 1_005 })).toMatchObject({ userId: 1 });
    await expect(verified({ nbf: 1_006 })).rejects.toEqual(refusal('UNAUTHENTICATED'));
  });
});

describe('a verifier', () => {
  it('is not made with a short RSA key', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const config: TokenVerifierConfig = { jwtAlgorithms: ['RS256'], jwtPublicKey: pemOf(publicKey) };
    expect(() => createTokenVerifier(config)).toThrow('at least 2048 bits');
  });

  it('knows nothing that a token calls critical', async () => {
    for (const crit of [['exp'], ['b64'], []]) {
      const token = signedToken('RS256', rsa.privateKey, { crit });
      const config: TokenVerifierConfig = { jwtAlgorithms: ['RS256'], jwtPublicKey: pemOf(rsa.publicKey) };
      await expect(verify(token, config)).rejects.toThrow('critical');
    }
  });

  it.each<[string, TokenVerifierConfig]>([
    ['HS256, which needs JWT_SECRET', { jwtAlgorithms: ['HS256'] }],
    ['at least 32 bytes', { jwtAlgorithms: ['HS256'], jwtSecret: 'short' }],
    ['RS256, which needs JWT_PUBLIC_KEY or JWT_JWKS_URL', { jwtAlgorithms: ['RS256'], jwtSecret: TEST_JWT_SECRET }],
    ['no PEM public key for ES256', { jwtAlgorithms: ['ES256'], jwtPublicKey: pemOf(rsa.publicKey) }],
    ['no PEM public key for RS256', { jwtAlgorithms: ['RS256'], jwtPublicKey: 'nonsense' }],
  ])('is not made without a fitting key: %s', (words, config) => {
    expect(() => createTokenVerifier(config)).toThrow(words);
  });

  it('takes the key from what is given, never from the token', async () => {
    const thief = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const header = {
      jwk: thief.publicKey.export({ format: 'jwk' }),
      x5u: 'http://127.0.0.1:1/',
      jku: 'http://127.0.0.1:1/',
    };
    const token = signedToken(
      'RS256',
      createPrivateKey(thief.privateKey.export({ type: 'pkcs8', format: 'pem' })),
      header,
    );
    await expect(verify(token, { jwtAlgorithms: ['RS256'], jwtPublicKey: pemOf(rsa.publicKey) })).rejects.toEqual(
      refusal('UNAUTHENTICATED'),
    );
  });
});
