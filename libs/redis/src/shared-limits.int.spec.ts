import { createLogger } from '@chat/service-kit';
import { redisUnderTest, type RedisUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisClient, shareCountsIn, SharedUsedProofs } from './index.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
let under: RedisUnderTest;
let redis: RedisClient;

beforeAll(async () => {
  under = await redisUnderTest();
  redis = new RedisClient({ redisUrl: under.url, redisKeyPrefix: under.keyPrefix, clientName: 'spec', logger });
  await redis.start();
});
afterAll(async () => {
  await redis?.stop();
  await under?.cleanUp();
});

describe('counts of a limit', () => {
  it('are added up for all instances, each for itself, in one call, and end with their window', async () => {
    const share = shareCountsIn(redis);
    const count = (key: string | number, count: number) => ({ limit: 'sends', key, count });
    expect(await share([count(7, 3), count('a', 1)], 5_000)).toMatchObject([{ total: 3 }, { total: 1 }]);
    const [again] = await share([count(7, 2)], 60_000);
    expect(again?.total).toBe(5);
    expect(again?.leftMs).toBeGreaterThan(0);
    expect(again?.leftMs).toBeLessThanOrEqual(5_000);
    await under.redis.persist(`${under.keyPrefix}rate:sends:7`);
    await share([count(7, 1)], 5_000);
    expect(await under.redis.pttl(`${under.keyPrefix}rate:sends:7`)).toBeGreaterThan(0);
  });
});

describe('a used proof', () => {
  it('is known by its first use, for as long as it is asked to be', async () => {
    const proofs = new SharedUsedProofs({ redis });
    expect(await proofs.use('p', 1_000, 60_000)).toBeNull();
    expect([await proofs.use('p', 2_000, 60_000), await proofs.use('p', 3_000, 60_000)]).toEqual([1_000, 1_000]);
    expect(await proofs.use('q', 2_000, 60_000)).toBeNull();
    const left = await under.redis.pttl(`${under.keyPrefix}gateway:proof:p`);
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
  });
});
