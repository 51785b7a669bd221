import { randomUUID } from 'node:crypto';
import { asRoomId, asUserId, type PresenceEventDTO, type RoomEventDTO, type SessionEventDTO } from '@chat/dto';
import { encodeRecord, partitionOf, type KeyOf, type TopicName, type ValueOf } from '@chat/kafka-contracts';
import {
  databaseUnderTest,
  eventually,
  kafkaUnderTest,
  openTcpProxy,
  redisUnderTest,
  type DatabaseUnderTest,
  type KafkaUnderTest,
  type RedisUnderTest,
  type TcpProxy,
} from '@chat/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SHARDS, startWorker, type WorkerUnderTest } from './worker-under-test.ts';

const WAIT = { deadlineMs: 20_000, everyMs: 100 };
const GRACE_MS = 1_000;
const LEASE_MS = 15_000;

let kafka: KafkaUnderTest;
let redis: RedisUnderTest;
let database: DatabaseUnderTest;
let redisProxy: TcpProxy;
let databaseProxy: TcpProxy;
let producer: ReturnType<KafkaUnderTest['kafka']['producer']>;
const running: WorkerUnderTest[] = [];
let lastUser = 0;

beforeAll(async () => {
  [kafka, redis, database] = await Promise.all([kafkaUnderTest(), redisUnderTest(), databaseUnderTest()]);
  redisProxy = await openTcpProxy(addressOf(redis.url, 6379));
  databaseProxy = await openTcpProxy(addressOf(database.url, 5432));
  producer = kafka.kafka.producer({
    createPartitioner:
      () =>
      ({ message: { partition } }) =>
        partition ?? 0,
  });
  await producer.connect();
  await start();
  // both shards read their first record from the very beginning of the log, which lifts hold-fire
  const warmUp = [...Array(20).keys()].map((at) => asUserId(900_000 + at));
  await liveGateway('warm-up');
  for (const userId of warmUp) await tell({ userId, gatewayId: 'warm-up' });
  for (const userId of warmUp) await expectEvents(userId, ['ONLINE']);
});
beforeEach(async () => {
  if (running.length === 0) await start();
});
afterEach(() => {
  redisProxy.mend();
  databaseProxy.mend();
  expect(running.flatMap(({ failures }) => failures)).toEqual([]);
});
afterAll(async () => {
  await Promise.all(running.map((worker) => worker.stop()));
  await producer.disconnect();
  await Promise.all([redisProxy.close(), databaseProxy.close()]);
  await Promise.all([kafka.cleanUp(), redis.cleanUp(), database.cleanUp()]);
});

function addressOf(url: string, standardPort: number) {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: port === '' ? standardPort : Number(port) };
}

async function start(): Promise<WorkerUnderTest> {
  const databaseUrl = new URL(database.url);
  databaseUrl.port = String(databaseProxy.port);
  const worker = await startWorker({
    kafka,
    redisUrl: `redis://127.0.0.1:${redisProxy.port}`,
    redisKeyPrefix: redis.keyPrefix,
    databaseUrl: databaseUrl.href,
    graceMs: GRACE_MS,
  });
  running.push(worker);
  return worker;
}

const key = (name: string) => `${redis.keyPrefix}${name}`;
const liveGateway = (id: string) => redis.redis.set(key(`gateway:lease:${id}`), '1', 'PX', 600_000);
const killGateway = (id: string) => redis.redis.del(key(`gateway:lease:${id}`));
const nextUser = () => asUserId((lastUser += 1));

async function publish<Topic extends TopicName>(
  topic: Topic,
  partitions: number,
  recordKey: KeyOf<Topic>,
  value: ValueOf<Topic>,
) {
  const record = encodeRecord(topic, recordKey, value, {
    id: randomUUID(),
    source: 'spec',
    time: new Date().toISOString(),
  });
  const message = { key: record.key, value: Buffer.from(record.value), headers: { ...record.headers } };
  const partition = partitionOf(record.key, partitions);
  await producer.send({ topic: `${kafka.topicPrefix}${topic}`, messages: [{ ...message, partition }] });
}

type Told = Partial<SessionEventDTO> & Pick<SessionEventDTO, 'userId'>;
const tell = (event: Told) =>
  publish('session-events', SHARDS, event.userId, {
    sessionId: `s-${event.userId}`,
    gatewayId: 'g1',
    event: 'OPENED',
    at: new Date().toISOString(),
    ...event,
  });
const tellRoom = (event: Pick<RoomEventDTO, 'roomId' | 'event' | 'userId' | 'version'>) =>
  publish('room-events', 1, event.roomId, { at: new Date().toISOString(), ...event });

async function eventsOf(userId: number): Promise<PresenceEventDTO[]> {
  const log = await kafka.readLog(`${kafka.topicPrefix}presence-messages`);
  const events = log
    .filter(({ key: of }) => of === String(userId))
    .map(({ value }) => JSON.parse(String(value)) as PresenceEventDTO);
  return events.filter(({ version }, at) => events.findIndex((other) => other.version === version) === at); // as gateways do
}

/** Waits until these are the user's events, and checks that their versions rise. */
async function expectEvents(userId: number, names: readonly string[]): Promise<PresenceEventDTO[]> {
  return eventually(async () => {
    const events = await eventsOf(userId);
    expect(events.map(({ event }) => event)).toEqual(names);
    const versions = events.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    return events;
  }, WAIT);
}

async function lastSeenOf(roomId: number, userId: number): Promise<string | null> {
  const [row] = await database.query<{ last_seen_at: Date }>(
    'SELECT last_seen_at FROM last_seen WHERE room_id = $1 AND user_id = $2',
    [roomId, userId],
  );
  return row?.last_seen_at.toISOString() ?? null;
}

describe('presence-worker', () => {
  it('announces ONLINE with the first session and OFFLINE within 2 s of the close of the last', async () => {
    await liveGateway('g1');
    const userId = nextUser();
    await tell({ userId, sessionId: 'a', activeRoomId: asRoomId(3) });
    await tell({ userId, sessionId: 'b' });
    const [online] = await expectEvents(userId, ['ONLINE']);
    expect(online).toMatchObject({ userId, isOnline: true });
    expect(await redis.redis.hget(key(`presence:user:${userId}`), 'state')).toBe('ONLINE');
    await eventually(async () => expect(await redis.redis.hlen(key(`websocket:user:${userId}`))).toBe(2));
    expect(await redis.redis.hgetall(key(`active_room:user:${userId}`))).toEqual({ a: '3' });
    await tell({ userId, sessionId: 'a', event: 'CLOSED' });
    await eventually(async () => expect(await redis.redis.hlen(key(`websocket:user:${userId}`))).toBe(1));
    expect(await eventsOf(userId)).toHaveLength(1);
    const closedAt = Date.now();
    await tell({ userId, sessionId: 'b', event: 'CLOSED' });
    await eventually(async () => {
      expect(await redis.redis.hget(key(`presence:user:${userId}`), 'state')).toBe('OFFLINE');
    });
    expect(Date.now() - closedAt).toBeLessThan(2_000);
    await expectEvents(userId, ['ONLINE', 'OFFLINE']);
  });

  it('announces OFFLINE only after the grace when the last socket was lost', async () => {
    await liveGateway('g1');
    const userId = nextUser();
    await tell({ userId });
    await expectEvents(userId, ['ONLINE']);
    await tell({ userId, event: 'LOST' });
    await eventually(async () => expect(await redis.redis.hget(key(`presence:user:${userId}`), 'state')).toBe('GRACE'));
    expect(await eventsOf(userId)).toHaveLength(1);
    const [, offline] = await expectEvents(userId, ['ONLINE', 'OFFLINE']);
    expect(offline?.isOnline).toBe(false);
  });

  it('announces RECONNECTED, and neither OFFLINE nor ONLINE, on a return within the grace', async () => {
    await liveGateway('g1');
    const userId = nextUser();
    await tell({ userId, sessionId: 'a' });
    await tell({ userId, sessionId: 'a', event: 'LOST' });
    await tell({ userId, sessionId: 'b' });
    await expectEvents(userId, ['ONLINE', 'RECONNECTED']);
    await tell({ userId, sessionId: 'b', event: 'CLOSED' });
    await expectEvents(userId, ['ONLINE', 'RECONNECTED', 'OFFLINE']);
  });

  it('takes events that come twice, or an end before its beginning, without harm', async () => {
    await liveGateway('g1');
    const userId = nextUser();
    for (let copy = 0; copy < 3; copy += 1) await tell({ userId, sessionId: 'a' });
    await tell({ userId, sessionId: 'b', event: 'CLOSED' });
    await tell({ userId, sessionId: 'b' });
    await tell({ userId, sessionId: 'a', event: 'CLOSED' });
    await tell({ userId, sessionId: 'a', event: 'CLOSED' });
    await tell({ userId, sessionId: 'a' });
    await expectEvents(userId, ['ONLINE', 'OFFLINE']);
    expect(await redis.redis.exists(key(`websocket:user:${userId}`))).toBe(0);
  });

  it('ignores sessions of a gateway that has no lease', async () => {
    const [ghost, witness] = [nextUser(), nextUser()];
    await liveGateway('g1');
    await tell({ userId: ghost, gatewayId: 'never-seen' });
    await tell({ userId: witness });
    await expectEvents(witness, ['ONLINE']);
    await eventually(async () => expect(await redis.redis.xlen(key('presence:outbox:0'))).toBe(0));
    expect(await eventsOf(ghost)).toEqual([]);
  });

  it('takes all sessions of a killed gateway for lost, each user once, with last seen of their active rooms', async () => {
    await liveGateway('doomed');
    const users = Array.from({ length: 50 }, nextUser);
    for (const userId of users) await tell({ userId, gatewayId: 'doomed', activeRoomId: asRoomId(40) });
    await liveGateway('g1');
    const elsewhere = users[0] ?? asUserId(1);
    await tell({ userId: elsewhere, sessionId: 'other', gatewayId: 'g1' });
    await eventually(async () => {
      const open = await Promise.all(users.map((userId) => redis.redis.exists(key(`websocket:user:${userId}`))));
      expect(open.every((exists) => exists === 1)).toBe(true);
    }, WAIT);
    const killedAt = Date.now();
    await killGateway('doomed');
    for (const userId of users.slice(1)) await expectEvents(userId, ['ONLINE', 'OFFLINE']);
    expect((await eventsOf(elsewhere)).map(({ event }) => event)).toEqual(['ONLINE']);
    for (const userId of users) {
      const seen = await eventually(async () => {
        const at = await lastSeenOf(40, userId);
        expect(at).not.toBeNull();
        return Date.parse(at ?? '');
      }, WAIT);
      expect(seen).toBeLessThan(killedAt + 2_000);
      expect(seen).toBeGreaterThan(killedAt - 10_000);
    }
  }, 60_000);

  it('gives a session that a frozen gateway announces under its new id back its user', async () => {
    await Promise.all([liveGateway('old-id'), liveGateway('new-id')]);
    const userId = nextUser();
    await tell({ userId, gatewayId: 'old-id' });
    await expectEvents(userId, ['ONLINE']);
    await killGateway('old-id');
    await eventually(async () => expect(await redis.redis.hget(key(`presence:user:${userId}`), 'state')).toBe('GRACE'));
    await tell({ userId, gatewayId: 'new-id' });
    await expectEvents(userId, ['ONLINE', 'RECONNECTED']);
  });

  it('moves last seen to when rooms were left, and never back', async () => {
    await liveGateway('g1');
    const userId = nextUser();
    const at = (second: number) => `2026-03-01T00:00:0${second}.000Z`;
    await tell({ userId, activeRoomId: asRoomId(50), at: at(1) });
    await tell({ userId, exitedRoomIds: [asRoomId(50)], activeRoomId: asRoomId(51), at: at(3) });
    await eventually(async () => expect(await lastSeenOf(50, userId)).toBe(at(3)), WAIT);
    await tell({ userId, sessionId: 'late', event: 'CLOSED', exitedRoomIds: [asRoomId(50)], at: at(2) });
    await tell({ userId, event: 'LOST', exitedRoomIds: [asRoomId(52)], at: at(5) });
    await eventually(async () => expect(await lastSeenOf(52, userId)).toBe(at(5)), WAIT);
    expect(await lastSeenOf(51, userId)).toBe(at(5));
    expect(await lastSeenOf(50, userId)).toBe(at(3));
    expect(await redis.redis.exists(key(`active_room:user:${userId}`))).toBe(0);
  });

  it('moves last seen of rooms that a gateway reports to be open, whoever has them open, and touches nothing of their presence', async () => {
    await liveGateway('g1');
    const [carrier, other] = [nextUser(), nextUser()];
    const at = (second: number) => `2026-03-01T00:00:0${second}.000Z`;
    await tell({ userId: carrier, at: at(1) });
    const seen = [
      { userId: carrier, roomIds: [asRoomId(53)] },
      { userId: other, roomIds: [asRoomId(53), asRoomId(54)] },
    ];
    await tell({ userId: carrier, at: at(4), seen });
    await eventually(async () => expect(await lastSeenOf(54, other)).toBe(at(4)), WAIT);
    await tell({ userId: carrier, at: at(3), seen });
    await tell({ userId: carrier, at: at(5), seen: [{ userId: other, roomIds: [asRoomId(55)] }] });
    await eventually(async () => expect(await lastSeenOf(55, other)).toBe(at(5)), WAIT);
    expect([await lastSeenOf(53, carrier), await lastSeenOf(53, other)]).toEqual([at(4), at(4)]);
    expect(await redis.redis.exists(key(`presence:user:${other}`))).toBe(0);
    await expectEvents(carrier, ['ONLINE']);
  });

  it('announces JOINED and LEFT of members with their presence and their next version', async () => {
    await liveGateway('g1');
    const userId = nextUser();
    await tell({ userId });
    await expectEvents(userId, ['ONLINE']);
    const roomId = asRoomId(60);
    const joined = { roomId, event: 'MEMBER_ADDED', userId, version: 2 } as const;
    await tellRoom(joined);
    await tellRoom(joined);
    await tellRoom({ roomId, event: 'ROOM_UPDATED', version: 3 });
    await tellRoom({ roomId, event: 'MEMBER_REMOVED', userId, version: 4 });
    const events = await expectEvents(userId, ['ONLINE', 'JOINED', 'LEFT']);
    expect(events.slice(1).every((event) => event.isOnline && event.roomId === 60)).toBe(true);
  });

  it('sets records that are no session events aside and goes on', async () => {
    await liveGateway('g1');
    const userId = nextUser();
    const partition = partitionOf(String(userId), SHARDS);
    const topic = `${kafka.topicPrefix}session-events`;
    await producer.send({ topic, messages: [{ key: String(userId), value: Buffer.from('{'), partition }] });
    await tell({ userId });
    await expectEvents(userId, ['ONLINE']);
    const letters = await kafka.readLog(`${topic}.dlq`);
    expect(String(letters.at(-1)?.headers['dlq-reason'])).toBe('the value is not JSON');
  });

  it('waits for Redis, is not ready meanwhile, and loses no event', async () => {
    await liveGateway('g1');
    const userId = nextUser();
    redisProxy.cut();
    await tell({ userId });
    await eventually(async () => {
      expect((await running[0]?.health.readiness())?.dependencies['redis']).toMatchObject({ status: 'DOWN' });
    }, WAIT);
    redisProxy.mend();
    await expectEvents(userId, ['ONLINE']);
    await eventually(async () => expect((await running[0]?.health.readiness())?.status).toBe('UP'), WAIT);
  });

  it('goes on with presence while Postgres is away, and writes last seen when it is back', async () => {
    await liveGateway('g1');
    const userId = nextUser();
    databaseProxy.cut();
    await tell({ userId, activeRoomId: asRoomId(70) });
    await tell({ userId, event: 'CLOSED', exitedRoomIds: [asRoomId(70)] });
    await expectEvents(userId, ['ONLINE', 'OFFLINE']);
    expect(await lastSeenOf(70, userId)).toBeNull();
    databaseProxy.mend();
    await eventually(async () => expect(await lastSeenOf(70, userId)).not.toBeNull(), WAIT);
  });

  it('does not wait for a Postgres that hangs', async () => {
    await liveGateway('g1');
    const userId = nextUser();
    await tell({ userId, activeRoomId: asRoomId(71) });
    await expectEvents(userId, ['ONLINE']);
    databaseProxy.stall();
    await tell({ userId, sessionId: 'other', event: 'LOST', exitedRoomIds: [asRoomId(72)] });
    const closedAt = Date.now();
    await tell({ userId, event: 'CLOSED', exitedRoomIds: [asRoomId(71)] });
    await eventually(async () => {
      expect(await redis.redis.hget(key(`presence:user:${userId}`), 'state')).toBe('OFFLINE');
    });
    expect(Date.now() - closedAt).toBeLessThan(2_000);
    databaseProxy.mend();
    await eventually(async () => expect(await lastSeenOf(71, userId)).not.toBeNull(), WAIT);
    expect(await lastSeenOf(72, userId)).not.toBeNull();
  });

  it('announces each transition once when shards move between instances, and ends a grace begun by another', async () => {
    await liveGateway('g1');
    const users = Array.from({ length: 10 }, nextUser);
    for (const userId of users) await tell({ userId });
    for (const userId of users) await expectEvents(userId, ['ONLINE']);
    await start();
    for (const userId of users) await tell({ userId, event: 'LOST' });
    await running.shift()?.stop();
    for (const userId of users) await expectEvents(userId, ['ONLINE', 'OFFLINE']);
  }, 60_000);

  it('announces nobody OFFLINE wrongly when Redis loses everything', async () => {
    await Promise.all([liveGateway('g1'), liveGateway('g2')]);
    const [stays, goes, killed] = [nextUser(), nextUser(), nextUser()];
    await tell({ userId: stays, sessionId: 'one', gatewayId: 'g1' });
    await tell({ userId: stays, sessionId: 'two', gatewayId: 'g2' });
    await tell({ userId: goes, gatewayId: 'g1' });
    await tell({ userId: killed, gatewayId: 'g1' });
    for (const userId of [stays, goes, killed]) await expectEvents(userId, ['ONLINE']);
    await redis.empty();
    const emptiedAt = Date.now();
    await Promise.all([liveGateway('g1-again'), liveGateway('g2-again')]);
    await tell({ userId: stays, sessionId: 'one', gatewayId: 'g1-again' });
    await tell({ userId: stays, sessionId: 'one', event: 'CLOSED', gatewayId: 'g1-again' });
    await tell({ userId: goes, event: 'CLOSED', gatewayId: 'g1-again' });
    await eventually(
      async () => expect(await redis.redis.hget(key(`presence:user:${stays}`), 'state')).toBe('GRACE'),
      WAIT,
    );
    await tell({ userId: stays, sessionId: 'two', gatewayId: 'g2-again' });
    await expectEvents(stays, ['ONLINE', 'ONLINE', 'RECONNECTED']);
    await eventually(
      async () => expect((await eventsOf(goes)).map(({ event }) => event)).toEqual(['ONLINE', 'OFFLINE']),
      {
        deadlineMs: LEASE_MS + 10_000,
        everyMs: 250,
      },
    );
    expect(Date.now() - emptiedAt).toBeGreaterThan(LEASE_MS - 1_000);
    expect((await eventsOf(stays)).map(({ event }) => event)).toEqual(['ONLINE', 'ONLINE', 'RECONNECTED']);
    expect((await eventsOf(killed)).map(({ event }) => event)).toEqual(['ONLINE']);
  }, 60_000);
});
