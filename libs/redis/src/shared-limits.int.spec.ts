import { createLogger, Registry, type Logger } from '@chat/service-kit';
import { redisUnderTest, type RedisUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createUnsharedMetric, RedisClient, shareCountsIn, SharedUsedProofs, UnsharedWatch } from './index.ts';

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

describe('what Redis does not take', () => {
  /** A client whose login may do nothing, and what is said of it. */
  async function withoutRights() {
    const user = `spec-${process.pid}-${Date.now()}`;
    await under.redis.acl('SETUSER', user, 'on', '>spec', '-@all', '+ping', '+client|setname', '+select', '+info');
    onTestFinished(async () => void (await under.redis.acl('DELUSER', user)));
    const url = new URL(under.url);
    Object.assign(url, { username: user, password: 'spec' });
    const limited = new RedisClient({
      redisUrl: url.href,
      redisKeyPrefix: under.keyPrefix,
      clientName: 'spec',
      logger,
    });
    onTestFinished(() => limited.stop());
    await limited.start();
    const said: object[] = [];
    const clock = { at: 0 };
    const metric = createUnsharedMetric(new Registry(), ['limits', 'proofs']);
    const watch = new UnsharedWatch({
      metric,
      logger: { warn: (fields: object) => void said.push(fields) } as unknown as Logger, // it is told of no more
      now: () => clock.at,
    });
    const counted = async () =>
      Object.fromEntries((await metric.get()).values.map(({ labels, value }) => [labels.of, value]));
    return { limited, watch, said, clock, counted };
  }

  it('is said with what to look at, once in 10 s of each thing, counted each time, and fails as before', async () => {
    const { limited, watch, said, clock, counted } = await withoutRights();
    const share = watch.over('limits', shareCountsIn(limited));
    const use = watch.over('proofs', (id: string) => new SharedUsedProofs({ redis: limited }).use(id, 1, 1_000));
    for (let count = 0; count < 3; count += 1) {
      await expect(share([{ limit: 'sends', key: 7, count: 1 }], 5_000)).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(use('p')).rejects.toMatchObject({ code: 'INTERNAL' });
    }
    const advice = expect.stringContaining('may do less than this app needs');
    expect(said).toMatchObject([
      { of: 'limits', advice },
      { of: 'proofs', advice },
    ]);
    clock.at = 10_000;
    await expect(use('p')).rejects.toThrow();
    expect(said).toHaveLength(3);
    expect(await counted()).toEqual({ limits: 3, proofs: 4 });
  });
});
