import { Agent } from 'node:http';
import { redisUnderTest } from '@chat/testing';
import type { BenchContext } from '../bench.ts';
import { consecutive } from '../consecutive.ts';
import { getText } from '../load/get-text.ts';
import { openChat } from '../open-chat.ts';

export interface BatchParameters {
  readonly memberCount: number;
  readonly askedCount: number;
  readonly rounds: number;
  readonly requests: number;
}

const ROOM = 1_001;
const FIRST_USER = 2_000_001;
/** Requests before the first that counts: V8 and the pool of connections have seen some by then. */
const WARM_UP_REQUESTS = 300;

/** Milliseconds of each request, by round: presence of some members of a large room, one request after the other. */
export async function measureBatch(
  context: BenchContext,
  { memberCount, askedCount, rounds, requests }: BatchParameters,
): Promise<readonly (readonly number[])[]> {
  context.say(`presence of ${askedCount} of a room of ${memberCount}`);
  const userIds = consecutive(memberCount, FIRST_USER);
  const members = userIds.map((userId) => ({ userId, roomId: ROOM }));
  const chat = await openChat(context, { roomIds: [ROOM], members });
  const redis = await redisUnderTest(context.redisUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await chat.database.query(
      `INSERT INTO users (id, username, seen_at) SELECT n, 'user ' || n, now() FROM unnest($1::bigint[]) AS n`,
      [userIds],
    );
    await putOnline(redis.redis, userIds);
    const { internalHost } = await chat.start('rooms-api');
    const path = `http://${internalHost}/internal/chat/chat-rooms/${ROOM}/presence/websocket/users/batch`;
    const ask = async () => {
      const asked = Array.from({ length: askedCount }, () => FIRST_USER + Math.floor(Math.random() * memberCount));
      const startedAt = performance.now();
      await getText(`${path}?userIds=${asked.join(',')}`, { agent });
      return performance.now() - startedAt;
    };
    for (let done = 0; done < WARM_UP_REQUESTS; done += 1) await ask();
    const measured: number[][] = [];
    for (let round = 0; round < rounds; round += 1) {
      const times: number[] = [];
      for (let done = 0; done < requests; done += 1) times.push(await ask());
      measured.push(times);
    }
    return measured;
  } finally {
    agent.destroy();
    await redis.cleanUp();
    await chat.stop();
  }
}

/** Every second user as presence-worker leaves one who is online. */
async function putOnline(redis: Awaited<ReturnType<typeof redisUnderTest>>['redis'], userIds: readonly number[]) {
  const pipeline = redis.pipeline();
  for (const userId of userIds.filter((id) => id % 2 === 0)) {
    pipeline.hset(`presence:user:${userId}`, { state: 'ONLINE', version: '1', since: '2026-01-01T00:00:00.000Z' });
  }
  await pipeline.exec();
}
