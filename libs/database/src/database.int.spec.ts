import { createLogger } from '@chat/service-kit';
import { databaseUnderTest, eventually, openTcpProxy, type DatabaseUnderTest, type TcpProxy } from '@chat/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createConnection } from './connection.ts';
import { DatabaseService, openDatabase } from './database.ts';
import { asRoomId, asUserId } from '@chat/dto';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const UNAVAILABLE = { code: 'UNAVAILABLE', retryable: true };
let under: DatabaseUnderTest;
const opened: DatabaseService[] = [];

beforeAll(async () => {
  under = await databaseUnderTest();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.stop()));
});

afterAll(async () => {
  await under.cleanUp();
});

/** A service on a connection that the spec can also speak SQL through. */
function open(change: { url?: string; poolMax?: number; statementTimeoutMs?: number } = {}) {
  const connection = createConnection({
    url: under.url,
    poolMax: 4,
    statementTimeoutMs: 1_000,
    applicationName: 'spec',
    logger,
    ...change,
  });
  const database = new DatabaseService(connection, logger);
  opened.push(database);
  return { database, prisma: connection.prisma };
}

const room = {
  name: 'x',
  description: '',
  type: 'GROUP',
  visibility: 'PUBLIC',
  ownerId: asUserId(1),
  metadata: {},
  at: new Date(),
} as const;

async function msOf(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work.catch(() => {});
  return performance.now() - startedAt;
}

describe('the database', () => {
  it('ends a statement that takes too long', async () => {
    const { prisma } = open({ statementTimeoutMs: 300 });
    const slow = prisma.$queryRaw`SELECT 1 FROM pg_sleep(30)`;
    expect(await msOf(slow)).toBeLessThan(1_500);
    await expect(slow).rejects.toMatchObject(UNAVAILABLE);
  });

  it('does not wait for ever for a connection of its pool', async () => {
    const { prisma, database } = open({ poolMax: 1, statementTimeoutMs: 4_000 });
    const slow = Promise.resolve(prisma.$queryRaw`SELECT 1 FROM pg_sleep(3)`); // Prisma's own begins when it is awaited
    const waiting = database.repositories.rooms.findRoom(asRoomId(1));
    expect(await msOf(waiting)).toBeLessThan(2_500);
    await expect(waiting).rejects.toMatchObject(UNAVAILABLE);
    await slow;
  });

  it('does not wait for ever for a lock', async () => {
    const { database } = open({ statementTimeoutMs: 10_000 });
    const { id } = await database.repositories.rooms.createRoom(room);
    const gate = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holding = database.transaction(
      async ({ rooms }) => {
        await rooms.getRoomForUpdate(id);
        held.resolve();
        await gate.promise;
      },
      { timeoutMs: 10_000 },
    );
    await held.promise;
    const waiting = database.transaction(({ rooms }) => rooms.getRoomForUpdate(id), { timeoutMs: 10_000 });
    expect(await msOf(waiting)).toBeLessThan(4_000);
    await expect(waiting).rejects.toMatchObject(UNAVAILABLE);
    gate.resolve();
    await holding;
  });

  it('gives a transaction up that takes too long, with nothing left of it', async () => {
    const { database } = open();
    const gate = Promise.withResolvers<void>();
    const name = 'never to be seen';
    const slow = database.transaction(
      async ({ rooms }) => {
        await rooms.createRoom({ ...room, name });
        setTimeout(gate.resolve, 1_000); // long after the transaction's own end
        await gate.promise;
        await rooms.createRoom({ ...room, name });
      },
      { timeoutMs: 200 },
    );
    await expect(slow).rejects.toMatchObject(UNAVAILABLE);
    await eventually(async () =>
      expect(await under.query('SELECT 1 FROM chat_rooms WHERE name = $1', [name])).toEqual([]),
    );
  });

  it('says UNAVAILABLE while Postgres is away, quickly, and works again by itself', async () => {
    const { hostname, port } = new URL(under.url);
    const proxy: TcpProxy = await openTcpProxy({ host: hostname, port: Number(port) });
    const url = new URL(under.url);
    url.host = `${proxy.host}:${proxy.port}`;
    const { database } = open({ url: url.href });
    const look = () => database.repositories.rooms.findRoom(asRoomId(999_999));
    expect(await look()).toBeNull();
    proxy.cut();
    for (let count = 0; count < 3; count += 1) await expect(look()).rejects.toMatchObject(UNAVAILABLE);
    await expect(database.transaction(({ rooms }) => rooms.findRoom(asRoomId(1)))).rejects.toMatchObject(UNAVAILABLE);
    await expect(database.check().check()).rejects.toMatchObject(UNAVAILABLE);
    proxy.mend();
    expect(await eventually(look)).toBeNull();
    await expect(database.check().check()).resolves.toBeUndefined();
    await database.stop();
    opened.length = 0;
    await proxy.close();
  });

  it('does not wait for ever for a statement in flight when it stops', async () => {
    const { database, prisma } = open({ statementTimeoutMs: 8_000 });
    const slow = Promise.resolve(prisma.$queryRaw`SELECT 1 FROM pg_sleep(6)`);
    await eventually(async () =>
      expect(await under.query(`SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(6)'`)).toHaveLength(1),
    );
    expect(await msOf(database.stop())).toBeLessThan(4_000);
    opened.length = 0;
    await slow.catch(() => {});
  });

  it('does not start where nobody listens', async () => {
    const database = openDatabase({ databaseUrl: 'postgresql://nobody@127.0.0.1:1/none', logger });
    await expect(database.start()).rejects.toMatchObject(UNAVAILABLE);
    await database.stop();
  });

  it('does not start on a database that was not migrated, and says what to do', async () => {
    const url = new URL(under.url);
    url.pathname = '/template1';
    const { database } = open({ url: url.href });
    await expect(database.start()).rejects.toThrow(/lacks migration .* run the migrate command/);
  });

  it('has a limit of Postgres for every wait', async () => {
    const { prisma } = open();
    const settings = await prisma.$queryRaw<{ name: string; setting: string }[]>`
      SELECT name, setting FROM pg_settings
      WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') ORDER BY name`;
    expect(settings).toEqual([
      { name: 'idle_in_transaction_session_timeout', setting: '5000' },
      { name: 'lock_timeout', setting: '2000' },
      { name: 'statement_timeout', setting: '1000' },
    ]);
  });
});
