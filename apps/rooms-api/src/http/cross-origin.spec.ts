import { createTokenVerifier } from '@chat/auth';
import { TEST_JWT_SECRET, type HttpUnderTest } from '@chat/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOrigin } from './cross-origin.ts';
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

describe('the public listener', () => {
  const verifier = createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] });
  const unused = { repositories: {} } as never; // no request gets that far
  let http: HttpUnderTest;
  let closed: HttpUnderTest;
  beforeAll(async () => {
    http = await publicHttpUnderTest({ database: unused, verifier, allowedOrigins: [PAGE] });
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

  it('refuses a token in the address with a sentence, whatever else comes with it', async () => {
    const { status, body } = await http.request('GET', `${ROOMS}?access_token=x`, { as: 1 });
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(body.errors).toEqual([
      { field: 'access_token', message: expect.stringContaining('send it in the Authorization header') },
    ]);
  });

  it.each([
    [ROOMS, 401],
    ['/nothing', 404],
    ['/openapi.json', 200],
  ])('keeps browsers from running, framing and guessing what %s answers', async (path, expected) => {
    const { status, headers } = await http.request('GET', path);
    expect(status).toBe(expected);
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{7,}/);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('set-cookie')).toBeNull();
  });
});
