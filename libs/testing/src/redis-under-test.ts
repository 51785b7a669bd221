import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';

const COMMAND_TIMEOUT_MS = 5_000;

/** A corner of a real Redis for one spec file: a key prefix of its own, a plain client, and the way to clean up. */
export interface RedisUnderTest {
  readonly url: string;
  /** Ends in a colon; nobody else uses it. */
  readonly keyPrefix: string;
  /** A stock client; keys are written out with the prefix. */
  readonly redis: Redis;
  /** Deletes every key under the prefix: what FLUSHALL would do, without harm to others. */
  empty(): Promise<void>;
  /** Empties and disconnects. */
  cleanUp(): Promise<void>;
}

/** Fails with a sentence where REDIS_URL is missing; never skips. */
export async function redisUnderTest(url = process.env['REDIS_URL']): Promise<RedisUnderTest> {
  if (url === undefined || url === '') {
    throw new Error('REDIS_URL is not set: these specs need a real Redis (`npm run parts` starts one).');
  }
  const keyPrefix = `test-${randomUUID().slice(0, 8)}:`;
  const redis = new Redis(url, { lazyConnect: true, commandTimeout: COMMAND_TIMEOUT_MS, maxRetriesPerRequest: 1 });
  await redis.connect();
  const empty = () => deleteKeys(redis, keyPrefix);
  return {
    url,
    keyPrefix,
    redis,
    empty,
    cleanUp: async () => {
      await empty();
      await redis.quit();
    },
  };
}

async function deleteKeys(redis: Redis, prefix: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    if (keys.length > 0) await redis.del(...keys);
    cursor = next;
  } while (cursor !== '0');
}
