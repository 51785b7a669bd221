import { createTokenVerifier } from '@chat/auth';
import { Registry } from '@chat/service-kit';
import { TEST_JWT_SECRET } from '@chat/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRoomsMetrics } from '../metrics.ts';
import { ROOMS_PATH } from './paths.ts';
import { publicHttpUnderTest } from './public-server-under-test.ts';

/** A limit that lets so many of each key pass, then none for 2.5 s. */
function limitOf(max: number) {
  const taken = new Map<string | number, number>();
  const take = (key: string | number) => {
    taken.set(key, (taken.get(key) ?? 0) + 1);
    return (taken.get(key) ?? 0) > max ? 2_500 : 0;
  };
  return { taken, rate: { perSecond: max, take } };
}

async function scene(perAddress: number, perUser: number) {
  const limits = { perAddress: limitOf(perAddress), perUser: limitOf(perUser) };
  const metrics = createRoomsMetrics(new Registry());
  const http = await publicHttpUnderTest({
    database: { repositories: {} } as never, // who is refused gets no further, and the others are refused a wrong page
    verifier: createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] }),
    limits: { perAddress: limits.perAddress.rate, perUser: limits.perUser.rate },
    metrics,
  });
  onTestFinished(() => http.close());
  const ask = (as?: number, forwardedFor = '203.0.113.9') =>
    http.request('GET', `${ROOMS_PATH}?page=x`, {
      ...(as !== undefined && { as }),
      headers: { 'x-forwarded-for': forwardedFor },
    });
  const limited = async (limit: string) =>
    (await metrics.limited.get()).values.find(({ labels }) => labels.limit === limit)?.value;
  return { limits, ask, limited };
}

describe('requests', () => {
  it('of one address over its limit are refused before anybody asks who calls, with when to come again, and counted', async () => {
    const { ask, limits, limited } = await scene(2, 100);
    expect([(await ask()).status, (await ask(1)).status]).toEqual([401, 400]);
    const { status, headers, body } = await ask(1);
    expect([status, body.code, body.retryable, headers.get('retry-after')]).toEqual([429, 'RATE_LIMITED', true, '3']);
    expect(body.detail).toBe('One address may make 2 requests a second; come again in 3 s.');
    expect((await ask(1, '203.0.113.10')).status).toBe(400);
    expect([...limits.perAddress.taken.keys()]).toEqual(['203.0.113.9', '203.0.113.10']);
    expect(await limited('address')).toBe(1);
  });

  it('of one user over their limit are refused, from wherever; others are not', async () => {
    const { ask, limited } = await scene(100, 1);
    expect([(await ask(1)).status, (await ask(1, '203.0.113.10')).status, (await ask(2)).status]).toEqual([
      400, 429, 400,
    ]);
    expect(await limited('user')).toBe(1);
  });
});
