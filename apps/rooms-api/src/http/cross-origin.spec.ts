import { createTokenVerifier } from '@chat/auth';
import { TEST_JWT_SECRET, type HttpUnderTest } from '@chat/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOrigin, isOrigin } from './cross-origin.ts';
import { publicHttpUnderTest } from './public-server-under-test.ts';

const PAGE = 'https://chat.example';
const allowed = new Set([PAGE]);
const answerTo = (origin: string | undefined, method = 'GET', wantsMethod?: string) =>
  answerOrigin({ origin, method, wantsMethod }, allowed);

describe('who asks from a page', () => {
  it('may read the answer where its origin is allowed', () => {
    const { isPreflight, headers } = answerTo(PAGE);
    expect(isPreflight).toBe(false);
    expect(headers).toMatchObject({ vary: 'Origin', 'access-control-allow-origin': PAGE });
    expect(headers['access-control-expose-headers']).toContain('Link');
  });

  it('is told what it may ask, and nothing of credentials, before it asks', () => {
    const { isPreflight, headers } = answerTo(PAGE, 'OPTIONS', 'PATCH');
    expect(isPreflight).toBe(true);
    expect(headers['access-control-allow-methods']).toContain('PATCH');
    expect(headers['access-control-allow-headers']).toContain('Authorization');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it.each([`${PAGE}/`, `${PAGE}:443`, 'http://chat.example', 'https://CHAT.example', `${PAGE}.evil`, 'null', '*'])(
    'may not where it is not that origin, byte for byte: %s',
    (origin) => {
      for (const method of ['GET', 'OPTIONS']) {
        expect(answerTo(origin, method, 'GET')).toEqual({ isPreflight: false, headers: { vary: 'Origin' } });
      }
    },
  );

  it('is never told of an origin that is not allowed', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (origin) => {
        fc.pre(origin !== PAGE);
        expect(JSON.stringify(answerTo(origin))).not.toContain('access-control');
      }),
    );
  });
});

describe('an origin', () => {
  it.each(['http://127.0.0.1:8088', 'https://chat.example', 'http://[::1]:8080'])('is %s', (text) => {
    expect(isOrigin(text)).toBe(true);
  });

  it.each(['*', 'null', 'chat.example', 'https://chat.example/', 'https://chat.example:443', 'ws://chat.example', ''])(
    'is not "%s"',
    (text) => {
      expect(isOrigin(text)).toBe(false);
    },
  );
});

describe('the public listener', () => {
  const verifier = createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] });
  const unused = { repositories: {} } as never; // no request gets that far
  let http: HttpUnderTest;
  let closed: HttpUnderTest;
  beforeAll(async () => {
    http = await publicHttpUnderTest({ database: unused, verifier, corsOrigins: [PAGE] });
    closed = await publicHttpUnderTest({ database: unused, verifier });
  });
  afterAll(() => Promise.all([http.close(), closed.close()]));

  const preflight = { origin: PAGE, 'access-control-request-method': 'POST' };
  const ROOMS = '/api/v1/chat/chat-rooms';

  it('answers a preflight, which has no token', async () => {
    const { status, headers } = await http.request('OPTIONS', ROOMS, { headers: preflight });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, PAGE]);
  });

  it('lets the page read refusals too', async () => {
    const { status, headers, body } = await http.request('GET', ROOMS, { headers: { origin: PAGE } });
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(headers.get('access-control-allow-origin')).toBe(PAGE);
  });

  it('allows no origin unless told to', async () => {
    const { status, headers } = await closed.request('OPTIONS', ROOMS, { headers: preflight });
    expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([401, null, null]);
  });
});
