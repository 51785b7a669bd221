import { asRoomId, asUserId, TYPING_LIFE_MS, type RoomId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { eventually, openTcpProxy, redisUnderTest, type RedisUnderTest, type TcpProxy } from '@chat/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RedisClient, TypingChannels, type TypingSignal } from './index.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const ROOM = asRoomId(7);
const SIGNAL: TypingSignal = { userId: asUserId(1), sessionId: 's1', lifeMs: TYPING_LIFE_MS };
const COMMAND_TIMEOUT_MS = 500;

let under: RedisUnderTest;
let proxy: TcpProxy;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  under = await redisUnderTest();
  const { hostname, port } = new URL(under.url);
  proxy = await openTcpProxy({ host: hostname, port: Number(port === '' ? 6379 : port) });
});
afterEach(async () => {
  proxy.mend();
  for (const stop of stops.splice(0).toReversed()) await stop();
});
afterAll(async () => {
  await proxy?.close();
  await under?.cleanUp();
});

/** An instance of the gateway, as far as typing goes, and what it hears. */
async function instance(more: { maxInFlight?: number } = {}) {
  const redisUrl = `redis://127.0.0.1:${proxy.port}`;
  const about = { redisUrl, redisKeyPrefix: under.keyPrefix, clientName: 'spec', logger };
  const redis = new RedisClient({ ...about, commandTimeoutMs: COMMAND_TIMEOUT_MS });
  const channels = new TypingChannels({ ...about, redis, commandTimeoutMs: COMMAND_TIMEOUT_MS, ...more });
  stops.push(
    () => redis.stop(),
    () => channels.stop(),
  );
  await redis.start();
  await channels.start();
  const heard: [RoomId, TypingSignal][] = [];
  channels.onSignal((roomId, signal) => heard.push([roomId, signal]));
  return { channels, heard };
}

async function twoInstances() {
  const [one, other] = [await instance(), await instance()];
  other.channels.open(ROOM);
  /** A signal may be lost while the channel is not yet subscribed, so it is said until it is heard. */
  const isHeard = () =>
    eventually(
      () => {
        one.channels.publish(ROOM, SIGNAL);
        expect(other.heard.length).toBeGreaterThan(0);
      },
      { deadlineMs: 10_000, everyMs: 50 },
    );
  return { one, other, isHeard };
}

describe('typing channels', () => {
  it('carry what one instance says to the others that listen to the room, and not back to it', async () => {
    const { one, other, isHeard } = await twoInstances();
    one.channels.open(ROOM);
    await isHeard();
    expect(other.heard[0]).toMatchObject([ROOM, SIGNAL]);
    other.channels.publish(ROOM, { ...SIGNAL, sessionId: null, lifeMs: 0 });
    await eventually(() => expect(one.heard).toMatchObject([[ROOM, { sessionId: null, lifeMs: 0 }]]));
  });

  it('carry nothing of rooms that are not open, or no longer', async () => {
    const { one, other, isHeard } = await twoInstances();
    await isHeard();
    const next = asRoomId(8);
    other.channels.open(next);
    other.channels.close(ROOM);
    other.heard.length = 0;
    await eventually(() => {
      one.channels.publish(asRoomId(9), SIGNAL);
      one.channels.publish(ROOM, SIGNAL);
      one.channels.publish(next, SIGNAL);
      expect(other.heard.length).toBeGreaterThan(1);
    });
    expect(new Set(other.heard.map(([roomId]) => roomId))).toEqual(new Set([next]));
    const channel = `${under.keyPrefix}typing:0:room:${ROOM}`;
    await eventually(async () => expect(await under.redis.pubsub('NUMSUB', channel)).toEqual([channel, 0]));
  });

  it('are all subscribed again after Redis was away, those too that were opened meanwhile', async () => {
    const { one, other, isHeard } = await twoInstances();
    await isHeard();
    proxy.cut();
    const meanwhile = asRoomId(8);
    other.channels.open(meanwhile);
    expect(one.channels.publish(ROOM, SIGNAL)).toBe(true); // is lost, and nobody waits for it
    proxy.mend();
    other.heard.length = 0;
    await eventually(
      () => {
        one.channels.publish(ROOM, SIGNAL);
        one.channels.publish(meanwhile, SIGNAL);
        expect(other.heard.map(([roomId]) => roomId)).toEqual(expect.arrayContaining([ROOM, meanwhile]));
      },
      { deadlineMs: 10_000, everyMs: 50 },
    );
  });

  it('are there before Redis is', async () => {
    proxy.cut();
    const { other, isHeard } = await twoInstances();
    proxy.mend();
    await isHeard();
    expect(other.heard[0]).toMatchObject([ROOM, SIGNAL]);
  });

  it('drop what is said while too much is on its way to a Redis that does not answer, and go on after it', async () => {
    const { channels } = await instance({ maxInFlight: 3 });
    proxy.stall();
    const taken = Array.from({ length: 5 }, () => channels.publish(ROOM, SIGNAL));
    expect(taken).toEqual([true, true, true, false, false]);
    proxy.mend();
    await eventually(() => expect(channels.publish(ROOM, SIGNAL)).toBe(true), { deadlineMs: 10_000 });
  });

  it('pass over what is no signal', async () => {
    const { other, isHeard } = await twoInstances();
    await isHeard();
    other.heard.length = 0;
    const channel = `${under.keyPrefix}typing:0:room:${ROOM}`;
    for (const text of ['', '{', 'null', '{"origin":"x","userId":0,"sessionId":null,"lifeMs":1}', '{"lifeMs":1e9}']) {
      expect(await under.redis.publish(channel, text)).toBe(1);
    }
    await isHeard();
    expect(other.heard.every(([, signal]) => signal.userId === SIGNAL.userId)).toBe(true);
  });
});
