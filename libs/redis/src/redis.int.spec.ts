import { asRoomId, asUserId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { eventually, openTcpProxy, redisUnderTest, type RedisUnderTest, type TcpProxy } from '@chat/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  GatewayAddresses,
  GatewayLease,
  PresenceReader,
  PresenceStore,
  RedisClient,
  type PresenceChange,
  type StepAddress,
} from './index.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const AT = '2026-01-01T00:00:00.000Z';
const LEASE_MS = 400;

let under: RedisUnderTest;
let proxy: TcpProxy;
let redis: RedisClient;
let store: PresenceStore;
const stops: (() => Promise<void>)[] = [];
let lastShard = 0;

beforeAll(async () => {
  under = await redisUnderTest();
  const { hostname, port } = new URL(under.url);
  proxy = await openTcpProxy({ host: hostname, port: Number(port === '' ? 6379 : port) });
  redis = new RedisClient({
    redisUrl: `redis://127.0.0.1:${proxy.port}`,
    redisKeyPrefix: under.keyPrefix,
    clientName: 'spec',
    logger,
    commandTimeoutMs: 500,
  });
  await redis.start();
  store = new PresenceStore({ redis, leaseTtlMs: LEASE_MS });
});
afterEach(async () => {
  proxy.mend();
  for (const stop of stops.splice(0)) await stop();
  await eventually(() => redis.check().check());
});
afterAll(async () => {
  await redis?.stop();
  await proxy?.close();
  await under?.cleanUp();
});

/** A shard of its own whose hold-fire is over, and a gateway with a lease. */
async function freshShard() {
  lastShard += 1;
  const shard = lastShard;
  const generation = await store.claimShard(shard);
  await store.liftHold(shard, generation);
  await under.redis.set(redis.keys.gatewayLease(`g${shard}`), '1', 'PX', 60_000);
  const address = (userId: number, sessionId = 's1'): StepAddress => ({
    shard,
    generation,
    userId: asUserId(userId),
    sessionId,
    gatewayId: `g${shard}`,
  });
  return { shard, generation, gatewayId: `g${shard}`, address };
}

async function apply(
  address: StepAddress,
  change: Partial<PresenceChange>,
  condition: Parameters<PresenceStore['applyChange']>[3] = null,
) {
  const loaded = await store.loadUser(address);
  if (loaded === null) return 'STALE';
  return store.applyChange(address, loaded, { seenRooms: [], ...change }, condition);
}

const online = (gatewayId: string): Partial<PresenceChange> => ({
  state: { name: 'ONLINE', since: AT },
  session: { gatewayId, at: AT },
  announces: { event: 'ONLINE', at: AT },
});

describe('PresenceStore', () => {
  it('keeps presence in the keys and shapes that are published', async () => {
    const { address, gatewayId } = await freshShard();
    expect(await apply(address(11), { ...online(gatewayId), activeRoomId: asRoomId(7) })).toBe('APPLIED');
    const key = (name: string) => `${under.keyPrefix}${name}`;
    const presence = await under.redis.hgetall(key('presence:user:11'));
    expect(presence).toMatchObject({ state: 'ONLINE', since: AT });
    expect(Number(presence['version'])).toBeGreaterThan(0);
    expect(JSON.parse((await under.redis.hget(key('websocket:user:11'), 's1')) ?? '')).toEqual({ gatewayId, at: AT });
    expect(await under.redis.hgetall(key('active_room:user:11'))).toEqual({ s1: '7' });
  });

  it('gives every key a TTL', async () => {
    const { address, gatewayId, shard, generation } = await freshShard();
    const seenRooms = [{ roomId: asRoomId(1), seenAtMs: 5 }];
    await apply(address(12), { ...online(gatewayId), activeRoomId: asRoomId(7), seenRooms });
    await apply(address(13), { state: { name: 'GRACE', since: AT }, deadline: 60_000, endsSession: true });
    const joined = {
      shard,
      userId: asUserId(12),
      roomId: asRoomId(1),
      event: 'JOINED',
      roomVersion: 1,
      at: AT,
    } as const;
    await store.tellMembership(joined);
    await store.lookAtShard({ shard, generation, limit: 10, beginsHold: false });
    const keys = await under.redis.keys(`${under.keyPrefix}*`);
    expect(keys.length).toBeGreaterThan(10);
    const ttls = await Promise.all(keys.map(async (key) => [key, await under.redis.pttl(key)] as const));
    expect(ttls.filter(([, ttl]) => ttl < 0)).toEqual([]);
  });

  it('gives versions that only rise, also after Redis lost everything', async () => {
    const { address, shard, gatewayId } = await freshShard();
    const versions: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await apply(address(14), online(gatewayId));
      await apply(address(14), { announces: { event: 'OFFLINE', at: AT } });
      versions.push(...(await store.listOutbox(shard, 10)).map(({ version }) => version));
      await under.redis.del(redis.keys.presence(asUserId(14)), redis.keys.outbox(shard));
      const [seconds] = await under.redis.time();
      expect(Number(seconds)).toBeGreaterThan(0);
    }
    expect(versions).toHaveLength(6);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  });

  it('applies nothing that was decided from something else', async () => {
    const { address, gatewayId } = await freshShard();
    const loaded = await store.loadUser(address(15));
    await apply(address(15, 's2'), online(gatewayId));
    if (loaded === null) throw new Error('the shard is not owned');
    const change = { seenRooms: [], announces: { event: 'OFFLINE', at: AT } } as const;
    expect(await store.applyChange(address(15), loaded, change, null)).toBe('CHANGED');
  });

  it('refuses an older owner in every script', async () => {
    const { address, shard, generation, gatewayId } = await freshShard();
    const loaded = await store.loadUser(address(16));
    expect(await store.claimShard(shard)).toBeGreaterThan(generation);
    expect(await store.loadUser(address(16))).toBeNull();
    expect(await store.lookAtShard({ shard, generation, limit: 1, beginsHold: false })).toBeNull();
    if (loaded === null) throw new Error('the shard was not owned');
    expect(await store.applyChange(address(16), loaded, { seenRooms: [], ...online(gatewayId) }, null)).toBe('STALE');
    expect(await store.listOutbox(shard, 10)).toEqual([]);
  });

  it('gives a later owner a higher generation, also after Redis lost the last one', async () => {
    const { shard, generation } = await freshShard();
    await under.redis.del(redis.keys.generation(shard));
    expect(await store.claimShard(shard)).toBeGreaterThan(generation);
  });

  it('holds fire for one lease when Redis has lost its data, and when another run wrote it', async () => {
    const { address, shard, generation } = await freshShard();
    expect((await store.loadUser(address(17)))?.snapshot.holdMs).toBe(0);
    await under.redis.del(redis.keys.server(shard));
    expect((await store.loadUser(address(17)))?.snapshot.holdMs).toBeGreaterThan(0);
    await eventually(async () => expect((await store.loadUser(address(17)))?.snapshot.holdMs).toBe(0));
    await under.redis.hset(redis.keys.server(shard), 'runId', 'of-another-run');
    expect((await store.lookAtShard({ shard, generation, limit: 1, beginsHold: false }))?.isHolding).toBe(true);
  });

  it('holds what rests on absence during hold-fire, however it was decided', async () => {
    const { address, shard, gatewayId } = await freshShard();
    await apply(address(18), online(gatewayId));
    await under.redis.del(redis.keys.gatewayLease(gatewayId), redis.keys.server(shard));
    expect(await apply(address(18), { session: 'REMOVED' }, 'LEASE_GONE')).toBe('HELD');
    await eventually(async () =>
      expect(await apply(address(18), { session: 'REMOVED' }, 'LEASE_GONE')).toBe('APPLIED'),
    );
  });

  it('does not act on the absence of a lease that is back, or on a deadline that moved', async () => {
    const { address, gatewayId } = await freshShard();
    await apply(address(19), online(gatewayId));
    expect(await apply(address(19), { session: 'REMOVED' }, 'LEASE_GONE')).toBe('HELD');
    await apply(address(19), { deadline: 60_000 });
    expect(await apply(address(19), {}, 'DEADLINE_PASSED')).toBe('HELD');
    await apply(address(19), { deadline: 'CLEARED' });
    expect(await apply(address(19), {}, 'DEADLINE_PASSED')).toBe('HELD');
  });

  it('finds lapsed gateways with when they were last alive, and forgets those without sessions', async () => {
    const { address, shard, generation, gatewayId } = await freshShard();
    await apply(address(20), online(gatewayId));
    const look = () => store.lookAtShard({ shard, generation, limit: 10, beginsHold: false });
    const before = Date.now();
    expect(await look()).toMatchObject({ lapsedGateways: [], gatewayIds: [gatewayId], nextDeadlineMs: null });
    expect(await store.countLeases([gatewayId, 'another'])).toBe(1);
    await under.redis.del(redis.keys.gatewayLease(gatewayId));
    const [lapsed] = (await look())?.lapsedGateways ?? [];
    expect(lapsed?.gatewayId).toBe(gatewayId);
    expect(Math.abs((lapsed?.aliveAtMs ?? 0) - before)).toBeLessThan(1_000);
    expect(await store.listGatewaySessions(shard, gatewayId, 10)).toEqual([{ userId: 20, sessionId: 's1' }]);
    await apply(address(20), { session: 'REMOVED', leavesGatewayId: gatewayId });
    expect((await look())?.lapsedGateways).toEqual([]);
    expect((await look())?.gatewayIds).toEqual([]);
    expect(await store.countLeases([gatewayId])).toBe(0);
  });

  it('finds users whose grace is over by the time of Redis', async () => {
    const { address, shard, generation } = await freshShard();
    await apply(address(21), { deadline: 50 });
    await apply(address(22), { deadline: 60_000 });
    await eventually(async () => {
      const sight = await store.lookAtShard({ shard, generation, limit: 10, beginsHold: false });
      expect(sight?.overdueUserIds).toEqual([21]);
    });
    await apply(address(21), { deadline: 'CLEARED' });
    const sight = await store.lookAtShard({ shard, generation, limit: 10, beginsHold: false });
    expect(sight?.nextDeadlineMs).toBeGreaterThan(55_000);
    expect(sight?.nextDeadlineMs).toBeLessThanOrEqual(60_000);
  });

  it('finds the shards in whose outboxes something waits', async () => {
    const [one, other] = [await freshShard(), await freshShard()];
    const shards = [one.shard, other.shard];
    expect(await store.listFilledOutboxes(shards)).toEqual([]);
    await apply(other.address(24), online(other.gatewayId));
    expect(await store.listFilledOutboxes(shards)).toEqual([other.shard]);
    const waiting = await store.listOutbox(other.shard, 10);
    await store.removeFromOutbox(
      other.shard,
      waiting.map(({ id }) => id),
    );
    expect(await store.listFilledOutboxes(shards)).toEqual([]);
  });

  it('never moves a waiting last seen time back, and keeps one that came while the older was written', async () => {
    const { address, shard } = await freshShard();
    const seen = (seenAtMs: number) => apply(address(23), { seenRooms: [{ roomId: asRoomId(1), seenAtMs }] });
    await seen(1_000);
    await seen(500);
    const written = await store.listLastSeen(shard, 10);
    expect(written).toEqual([{ userId: 23, roomId: 1, seenAtMs: 1_000 }]);
    await seen(2_000);
    await store.removeLastSeen(shard, written);
    expect(await store.listLastSeen(shard, 10)).toMatchObject([{ seenAtMs: 2_000 }]);
    await store.removeLastSeen(shard, await store.listLastSeen(shard, 10));
    expect(await store.listLastSeen(shard, 10)).toEqual([]);
  });

  it('tells a membership once per version of the room, with the next version of the user', async () => {
    const { address, shard, gatewayId } = await freshShard();
    await apply(address(24), online(gatewayId));
    const joined = {
      shard,
      userId: asUserId(24),
      roomId: asRoomId(9),
      event: 'JOINED',
      roomVersion: 3,
      at: AT,
    } as const;
    expect(await store.tellMembership(joined)).toBe(true);
    expect(await store.tellMembership(joined)).toBe(false);
    expect(await store.tellMembership({ ...joined, event: 'LEFT', roomVersion: 4 })).toBe(true);
    const entries = await store.listOutbox(shard, 10);
    expect(entries.map(({ event, isOnline, roomId }) => [event, isOnline, roomId])).toEqual([
      ['ONLINE', true, null],
      ['JOINED', true, 9],
      ['LEFT', true, 9],
    ]);
    expect(entries.map(({ version }) => version)).toEqual(
      entries.map(({ version }) => version).toSorted((a, b) => a - b),
    );
    await store.removeFromOutbox(
      shard,
      entries.map(({ id }) => id),
    );
    expect(await store.listOutbox(shard, 10)).toEqual([]);
  });
});

describe('PresenceReader', () => {
  it('counts a user within the grace as online and an unknown one as offline', async () => {
    const { address, gatewayId } = await freshShard();
    await apply(address(31), online(gatewayId));
    await apply(address(32), { state: { name: 'GRACE', since: AT } });
    await apply(address(33), { state: { name: 'OFFLINE', since: AT } });
    const reader = new PresenceReader({ redis });
    const users = [31, 32, 33, 34].map(asUserId);
    expect([...(await reader.listOnline(users))]).toEqual([31, 32]);
    const known = await reader.findPresence(users);
    expect([...known.keys()]).toEqual([31, 32, 33]);
    expect(known.get(asUserId(31))).toMatchObject({ isOnline: true, since: AT });
  });

  it('reads more users than fit into one request', async () => {
    const reader = new PresenceReader({ redis });
    expect((await reader.findPresence(Array.from({ length: 1_234 }, (_, at) => asUserId(50_000 + at)))).size).toBe(0);
  });
});

describe('RedisClient', () => {
  it('says UNAVAILABLE at once while there is no connection, and is there again by itself', async () => {
    proxy.cut();
    await eventually(() => expect(redis.check().check()).rejects.toMatchObject({ code: 'UNAVAILABLE' }));
    const startedAt = performance.now();
    await expect(new PresenceReader({ redis }).listOnline([asUserId(1)])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    proxy.mend();
    await eventually(() => redis.check().check());
  });

  it('says UNAVAILABLE after its deadline where Redis is there but does not answer', async () => {
    proxy.stall();
    await expect(redis.check().check()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    proxy.mend();
    await eventually(() => redis.check().check());
  });

  it('makes a new connection where the one that it has died without a word', async () => {
    proxy.stall();
    await expect(redis.check().check()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await eventually(() => redis.check().check(), { deadlineMs: 10_000, everyMs: 200 });
    proxy.mend();
  });

  it('starts without Redis, and is not ready', async () => {
    const lonely = new RedisClient({ redisUrl: 'redis://127.0.0.1:1', redisKeyPrefix: '', clientName: 'spec', logger });
    await lonely.start();
    await expect(lonely.check().check()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await lonely.stop();
  });

  it('says INTERNAL where the request itself is wrong', async () => {
    await under.redis.set(redis.keys.presence(asUserId(99)), 'not a hash');
    await expect(new PresenceReader({ redis }).listOnline([asUserId(99)])).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('GatewayAddresses', () => {
  const one = { instanceId: 'ws-gateway-1', url: 'http://10.0.0.1:9081' };
  const two = { instanceId: 'ws-gateway-2', url: 'http://10.0.0.2:9081' };

  it('are those that were announced and not withdrawn, each once', async () => {
    const addresses = new GatewayAddresses({ redis });
    for (const address of [one, two, one]) await addresses.announce(address);
    expect((await addresses.list()).toSorted((a, b) => a.url.localeCompare(b.url))).toEqual([one, two]);
    await addresses.withdraw(one);
    expect(await addresses.list()).toEqual([two]);
  });

  it('are forgotten where they were not announced for as long as a lease lives', async () => {
    const addresses = new GatewayAddresses({ redis });
    await addresses.announce(two);
    const key = redis.keys.gatewayAddresses();
    await under.redis.zadd(key, Date.now() - 20_000, JSON.stringify(one));
    expect(await addresses.list()).toEqual([two]);
    await addresses.announce(two);
    expect(await under.redis.zcard(key)).toBe(1);
    expect(await under.redis.pttl(key)).toBeGreaterThan(0);
  });
});

describe('GatewayLease', () => {
  const openLease = async () => {
    const lease = new GatewayLease({ redis, logger, ttlMs: LEASE_MS, refreshMs: 100 });
    const announcedAs: string[] = [];
    lease.onLost(() => announcedAs.push(lease.gatewayId));
    await lease.start();
    stops.push(() => lease.stop());
    return { lease, announcedAs, exists: () => under.redis.exists(redis.keys.gatewayLease(lease.gatewayId)) };
  };

  it('lives beyond its TTL while it is kept, and is gone once it is given up', async () => {
    const { lease, announcedAs, exists } = await openLease();
    const firstId = lease.gatewayId;
    const keptUntil = performance.now() + 2 * LEASE_MS;
    await eventually(() => expect(performance.now()).toBeGreaterThan(keptUntil));
    expect(await exists()).toBe(1);
    expect(lease.gatewayId).toBe(firstId);
    expect(announcedAs).toEqual([]);
    await lease.stop();
    expect(await exists()).toBe(0);
  });

  it('takes a new id when its lease is gone, and announces under it once it is set', async () => {
    const { lease, announcedAs, exists } = await openLease();
    const firstId = lease.gatewayId;
    await under.redis.del(redis.keys.gatewayLease(firstId));
    await eventually(() => expect(announcedAs).toHaveLength(1));
    expect(announcedAs[0]).not.toBe(firstId);
    expect(announcedAs[0]).toBe(lease.gatewayId);
    expect(await exists()).toBe(1);
    expect(await under.redis.exists(redis.keys.gatewayLease(firstId))).toBe(0);
  });

  it('waits a Redis outage out, and announces again when it outlasted the lease', async () => {
    const { lease, announcedAs, exists } = await openLease();
    proxy.cut();
    await eventually(async () => expect(await exists()).toBe(0));
    expect(announcedAs).toEqual([]);
    proxy.mend();
    await eventually(() => expect(announcedAs).toEqual([lease.gatewayId]));
    expect(await exists()).toBe(1);
  });

  it('starts without Redis, and announces once the lease can be set', async () => {
    proxy.cut();
    const { lease, announcedAs, exists } = await openLease();
    expect(announcedAs).toEqual([]);
    proxy.mend();
    await eventually(() => expect(announcedAs).toEqual([lease.gatewayId]));
    expect(await exists()).toBe(1);
  });
});
