import { eventually, KAFKA_API, kafkaUnderTest, type KafkaUnderTest, type PostgresFrame } from '@chat/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIfExists } from '../files.ts';
import { isGroupRunning } from '../processes/process-identity.ts';
import { answersPing } from '../parts/redis.ts';
import { openFaultParts, type FaultParts } from './open-fault-parts.ts';

const OPEN_DEADLINE_MS = 120_000;
/** A killed broker's partitions have another leader by then, in ms. */
const FAILOVER_MS = 15_000;
/** Of a client that may be connected to a frozen broker, in ms. */
const REQUEST_TIMEOUT_MS = 1_000;
const LINK = 'gateway-1';

let parts: FaultParts;

beforeAll(async () => {
  parts = await openFaultParts({ env: process.env, links: [LINK] });
}, OPEN_DEADLINE_MS);
afterAll(async () => {
  await parts?.close();
});

/** By the way that nobody breaks, unless another is given. */
async function query(text: string, url = parts.direct.databaseUrl) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const isInsert = ({ type, start }: PostgresFrame) => type === 'Q' && start.toString().startsWith('INSERT');
const isInsertDone = ({ type, start }: PostgresFrame) => type === 'C' && start.toString().startsWith('INSERT');

describe('a cluster of three brokers', () => {
  let under: KafkaUnderTest;
  let topic: string;

  beforeAll(async () => {
    under = await kafkaUnderTest(parts.direct.kafkaBrokers, REQUEST_TIMEOUT_MS);
    topic = `${under.topicPrefix}log`;
    await under.admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          topic,
          numPartitions: 1,
          replicationFactor: 3,
          configEntries: [{ name: 'min.insync.replicas', value: '2' }],
        },
      ],
    });
    await leader();
  }, OPEN_DEADLINE_MS);
  afterAll(async () => {
    await under?.cleanUp();
  });

  const metadata = async () => {
    const { topics } = await under.admin.fetchTopicMetadata({ topics: [topic] });
    const partition = topics[0]?.partitions[0];
    if (partition === undefined) throw new Error('the topic has no partition');
    return partition;
  };
  const leader = () =>
    eventually(
      async () => {
        const { leader: id, isr } = await metadata();
        expect(id).toBeGreaterThan(0);
        expect(isr.length).toBeGreaterThanOrEqual(2);
        return id;
      },
      { deadlineMs: FAILOVER_MS },
    );
  const publish = async (value: string) => {
    const producer = under.kafka.producer({ retry: { retries: 20, maxRetryTime: 1_000 } });
    await producer.connect();
    try {
      await producer.send({ topic, acks: -1, messages: [{ value }] });
    } finally {
      await producer.disconnect();
    }
  };
  /** Without repeats: a producer that waits too short a time for its answer appends again. */
  const values = async () => [...new Set((await under.readLog(topic)).map(({ value }) => value?.toString()))];

  it('goes on without the leader, keeps what was acknowledged, and takes it back', { timeout: 90_000 }, async () => {
    await publish('before');
    const first = await leader();
    await parts.broker(first).kill();
    expect(parts.broker(first).pid).toBeNull();
    await publish('without it');
    expect(await leader()).not.toBe(first);
    await parts.broker(first).start();
    await eventually(async () => expect((await metadata()).isr).toHaveLength(3), { deadlineMs: FAILOVER_MS });
    expect(await values()).toEqual(['before', 'without it']);
  });

  it('goes on without a leader that is frozen, and takes it back', { timeout: 90_000 }, async () => {
    const first = await leader();
    parts.broker(first).signal('SIGSTOP');
    await eventually(async () => expect((await metadata()).leader).not.toBe(first), { deadlineMs: FAILOVER_MS });
    parts.broker(first).signal('SIGCONT');
    await eventually(async () => expect((await metadata()).isr).toHaveLength(3), { deadlineMs: FAILOVER_MS });
  });

  it('sends the clients of a link through its proxies, and nobody else', { timeout: 60_000 }, async () => {
    const link = parts.link(LINK);
    const linked = await kafkaUnderTest(link.kafkaBrokers);
    // one that was frozen is in sync before every broker names it again
    await eventually(async () => {
      const { brokers } = await linked.admin.describeCluster();
      expect(brokers.map(({ port }) => port).sort()).toEqual(link.kafka.map(({ port }) => port).sort());
    });
    for (const proxy of link.kafka) proxy.cut();
    await expect(linked.admin.listTopics()).rejects.toThrow();
    await expect(under.admin.listTopics()).resolves.toContain(topic);
    for (const proxy of link.kafka) proxy.mend();
    await linked.cleanUp();
  });
});

describe('the traps of a link', () => {
  it('know the requests and replies of groups and transactions', { timeout: 60_000 }, async () => {
    const link = parts.link(LINK);
    const linked = await kafkaUnderTest(link.kafkaBrokers);
    const topic = `${linked.topicPrefix}traps`;
    await linked.createTopic(topic, 1);
    const seen = new Set<string>();
    const see = ({ direction, apiKey }: { direction: string; apiKey: number }) => {
      seen.add(`${direction} ${apiKey}`);
      return false;
    };
    const traps = link.kafka.map((proxy) => proxy.trap({ matches: see }));
    const consumer = linked.kafka.consumer({ groupId: `${linked.topicPrefix}group` });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const producer = linked.kafka.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value: 'one' }] });
    await transaction.commit();
    await consumer.run({ eachMessage: () => Promise.resolve(), autoCommitThreshold: 1 });
    const { produce, joinGroup, syncGroup, offsetCommit, endTxn } = KAFKA_API;
    await eventually(
      () => {
        for (const apiKey of [produce, endTxn, joinGroup, syncGroup, offsetCommit]) {
          expect(seen).toContain(`request ${apiKey}`);
          expect(seen).toContain(`reply ${apiKey}`);
        }
      },
      { deadlineMs: 30_000 },
    );
    for (const trap of traps) trap.remove();
    await Promise.all([consumer.disconnect(), producer.disconnect()]);
    await linked.cleanUp();
  });

  it.each([
    ['half of a statement has arrived', isInsert, 'half', 0],
    ['a row is committed and its writer not told', isInsertDone, 'start', 1],
  ] as const)('hold Postgres when %s', async (_, matches, at, rowCount) => {
    const { postgres, databaseUrl } = parts.link(LINK);
    await query('CREATE TABLE IF NOT EXISTS trapped (n int)');
    await query('DELETE FROM trapped');
    const trap = postgres.trap({
      matches,
      at,
      act: async () => expect(await query('SELECT n FROM trapped')).toHaveLength(rowCount),
    });
    await query('INSERT INTO trapped VALUES (1)', databaseUrl);
    await trap.sprung;
    expect(await query('SELECT n FROM trapped')).toHaveLength(1);
  });
});

describe('Redis', () => {
  it('comes back on its port after it was killed', async () => {
    const { port } = new URL(parts.direct.redisUrl);
    await parts.redis.kill();
    expect(await answersPing('127.0.0.1', Number(port))).toBe(false);
    await parts.redis.start();
    expect(await answersPing('127.0.0.1', Number(port))).toBe(true);
  });

  it('answers nothing while it is frozen', async () => {
    const { port } = new URL(parts.direct.redisUrl);
    parts.redis.signal('SIGSTOP');
    expect(await answersPing('127.0.0.1', Number(port))).toBe(false);
    parts.redis.signal('SIGCONT');
    expect(await answersPing('127.0.0.1', Number(port))).toBe(true);
  });
});

describe('Postgres', () => {
  beforeAll(() => query('CREATE TABLE kept (n int)'));

  it('has the tables of the apps', async () => {
    expect(await query('SELECT count(*)::int AS n FROM messages')).toEqual([{ n: 0 }]);
  });

  it.each([
    ['a kill', async () => (await parts.postgres.kill(), await parts.postgres.start())],
    ['an immediate shutdown', () => parts.postgres.restart('SIGQUIT')],
  ])('keeps over %s what it committed just before', { timeout: 60_000 }, async (_, harm) => {
    const [before] = await query('SELECT count(*)::int AS n FROM kept');
    await query('INSERT INTO kept SELECT generate_series(1, 1000)');
    await harm();
    expect(await query('SELECT count(*)::int AS n FROM kept')).toEqual([{ n: Number(before?.['n']) + 1_000 }]);
  });

  it('answers nothing while it is frozen, sessions that were open included', async () => {
    const client = new pg.Client({ connectionString: parts.direct.databaseUrl });
    await client.connect();
    parts.postgres.signal('SIGSTOP');
    const answer = client.query<{ n: number }>('SELECT 1 AS n');
    await expect(query('SELECT 1')).rejects.toThrow();
    parts.postgres.signal('SIGCONT');
    expect((await answer).rows).toEqual([{ n: 1 }]);
    await client.end();
  });

  it('refuses rows with 53100 while its disk is full, lives on, and takes rows once it is mended', async (test) => {
    const { disk } = parts;
    if (!disk.isAvailable) {
      await test.annotate(`not available: ${disk.reason}`);
      return;
    }
    await disk.fill();
    const insert = () => query('INSERT INTO kept SELECT generate_series(1, 10000)');
    await expect(insert()).rejects.toMatchObject({ code: '53100' });
    expect(await query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await disk.mend();
    await expect(insert()).resolves.toEqual([]);
  });
});

describe('closing', () => {
  it('ends every process, a frozen one too, and forgets the data', { timeout: 60_000 }, async () => {
    const processes = [...parts.brokers, parts.redis, parts.postgres];
    const pids = processes.map(({ pid }) => pid);
    parts.postgres.signal('SIGSTOP');
    await parts.close();
    for (const pid of pids) expect(pid !== null && isGroupRunning(pid)).toBe(false);
    expect(readIfExists(`${parts.logDir}/kafka-1.log`)).toBeNull();
  });
});
