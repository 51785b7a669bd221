import { hostname } from 'node:os';
import { Redis } from 'ioredis';

/** Database indexes of a stock Redis; 0 is left to whoever uses none. */
const LAST_INDEX = 15;
const COMMAND_TIMEOUT_MS = 5_000;
/** Says in a database whose it is. */
const CLAIM_KEY = 'chat-e2e:claim';

export interface RedisDatabase {
  readonly url: string;
  readonly redis: Redis;
  /** Empties the database, gives it back and disconnects. */
  cleanUp(): Promise<void>;
}

/**
 * A database of Redis of our own, so that the keys have exactly their documented names. Only an empty one is taken, or
 * one that a run of these tests left behind when it was killed. Fails with a sentence where REDIS_URL is missing.
 */
export async function claimRedisDatabase(url = process.env['REDIS_URL']): Promise<RedisDatabase> {
  if (url === undefined || url === '') {
    throw new Error('REDIS_URL is not set: these tests need a real Redis (`npm run parts` starts one).');
  }
  for (let index = LAST_INDEX; index > 0; index -= 1) {
    const databaseUrl = withDatabase(url, index);
    const redis = new Redis(databaseUrl, {
      lazyConnect: true,
      commandTimeout: COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 1,
    });
    await redis.connect();
    if (await isClaimed(redis)) return { url: databaseUrl, redis, cleanUp: () => giveBack(redis) };
    await redis.quit();
  }
  throw new Error(`Every database from 1 to ${LAST_INDEX} of this Redis is in use by somebody else.`);
}

async function isClaimed(redis: Redis): Promise<boolean> {
  const mine = `${hostname()} ${process.pid}`;
  if ((await redis.dbsize()) === 0) return (await redis.setnx(CLAIM_KEY, mine)) === 1;
  const owner = await redis.get(CLAIM_KEY);
  if (owner === null || !isLeftBehind(owner)) return false;
  await redis.flushdb();
  return (await redis.setnx(CLAIM_KEY, mine)) === 1;
}

function isLeftBehind(owner: string): boolean {
  const [host, pid] = owner.split(' ');
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch {
    return true;
  }
}

async function giveBack(redis: Redis): Promise<void> {
  await redis.flushdb();
  await redis.quit();
}

function withDatabase(url: string, index: number): string {
  const changed = new URL(url);
  changed.pathname = `/${index}`;
  return changed.href;
}
