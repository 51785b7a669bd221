import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseSettings, openDatabase } from '@chat/database';
import { KafkaClient, kafkaSettings, TopicCatalog } from '@chat/kafka';
import { openSecuredParts, type Login, type SecuredParts } from '@chat/local-stack';
import { RedisClient, redisSettings } from '@chat/redis';
import { createLogger, readConfig, type Logger } from '@chat/service-kit';
import { eventually, TEST_JWT_SECRET, type ServiceUnderTest } from '@chat/testing';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOMS } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson } from '../clients/person.ts';
import { RestCaller } from '../clients/rest-caller.ts';
import { StompSession } from '../clients/stomp-session.ts';
import { appOf, INSTANCE_NAMES, type InstanceName } from '../harness/app-instances.ts';
import { DATABASE_APPS, REDIS_RULES, roleOf, ROLES_SQL, type DatabaseApp } from '../harness/app-logins.ts';
import { aclEntriesOf, readAppRights } from '../harness/kafka-acls.ts';
import { appService, placeApps, type AppPlacement } from '../harness/app-service.ts';
import { exitOfApp } from '../harness/exit-of-app.ts';
import { noteSecret } from '../harness/log-folder.ts';
import { readFeedCounts } from '../harness/room-feed.ts';
import { TOPIC_LAYOUT } from '../harness/topic-layout.ts';

type Env = Readonly<Record<string, string>>;
/** Other values of variables; undefined leaves one out. */
type Changes = Readonly<Record<string, string | undefined>>;

const OWNER: Login = { username: 'chat_owner', password: 'owner-of-the-tables' };
const LOGIN_PASSWORD = 'password-of-an-app';
const WRONG_PASSWORD = 'password-of-somebody-else';
/** Each way to log in at Kafka is that of one app. */
const MECHANISMS: Readonly<Record<DatabaseApp, string>> = {
  'rooms-api': 'plain',
  'ws-gateway': 'scram-sha-512',
  'presence-worker': 'scram-sha-256',
  'message-persister': 'scram-sha-512',
};
/** Longest wait for what is to be stored or told, by apps that have just begun. */
const TOLD = { deadlineMs: 20_000, everyMs: 100 };

let parts: SecuredParts;
let services: readonly ServiceUnderTest[] = [];
let ports: Record<InstanceName, AppPlacement>;
const logDir = join(inject('logFolder'), 'secured');

const loginOf = (app: DatabaseApp): Login => ({ username: app.replaceAll('-', '_'), password: LOGIN_PASSWORD });

function envOf(app: DatabaseApp): Env {
  const { kafka, redis, postgres, certificates } = parts;
  return {
    DATABASE_URL: postgres.urlOf(loginOf(app)),
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_TLS: 'true',
    KAFKA_TLS_CA: certificates.caFile,
    KAFKA_TLS_CERT: certificates.certFile,
    KAFKA_TLS_KEY: certificates.keyFile,
    KAFKA_SASL_MECHANISM: MECHANISMS[app],
    KAFKA_SASL_USERNAME: loginOf(app).username,
    KAFKA_SASL_PASSWORD: kafka.password,
    KAFKA_TOPIC_LAYOUT: TOPIC_LAYOUT,
    KAFKA_REPLICAS: '1',
    ...(app !== 'message-persister' && {
      REDIS_URL: `rediss://${app}:${redis.password}@${redis.address}`,
      REDIS_TLS_CA: readFileSync(certificates.caFile, 'utf8').replaceAll('\n', String.raw`\n`),
    }),
    ...((app === 'rooms-api' || app === 'ws-gateway') && { JWT_SECRET: TEST_JWT_SECRET }),
    ...(app === 'ws-gateway' && { ROOM_FEED: 'interest' }), // gateways speak to each other over Kafka, too
    LOG_LEVEL: 'debug',
  };
}

/** A stock client, as anybody who has a login. */
function kafkaAs(username: string): Kafka {
  const { kafka, certificates } = parts;
  const [ca, cert, key] = [certificates.caFile, certificates.certFile, certificates.keyFile].map((file) =>
    readFileSync(file, 'utf8'),
  );
  return new Kafka({
    brokers: [kafka.brokers],
    ssl: { ca: ca ?? '', cert: cert ?? '', key: key ?? '' },
    sasl: { mechanism: 'plain', username, password: kafka.password },
    logLevel: logLevel.NOTHING,
    retry: { retries: 5, initialRetryTime: 50 },
  });
}

/** As docs/security-setup.md says, for the logins of these apps. */
async function grantKafkaRights(): Promise<void> {
  const admin = kafkaAs(parts.kafka.superUser).admin();
  await admin.connect();
  const userOf = (app: string) => loginOf(app as DatabaseApp).username;
  await admin.createAcls({ acl: aclEntriesOf(readAppRights(), userOf) }).finally(() => admin.disconnect());
}

async function asAdministrator(...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: parts.postgres.adminUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  mkdirSync(logDir, { recursive: true });
  const redisUsers = Object.fromEntries(REDIS_RULES);
  const kafkaUsers = DATABASE_APPS.map((app) => loginOf(app).username);
  [parts, ports] = await Promise.all([
    openSecuredParts({ env: process.env, redisUsers, kafkaUsers }),
    placeApps(INSTANCE_NAMES),
  ]);
  await grantKafkaRights();
  await asAdministrator(
    ROLES_SQL,
    `CREATE ROLE ${OWNER.username} LOGIN PASSWORD '${OWNER.password}'`,
    `ALTER DATABASE chat OWNER TO ${OWNER.username}`,
    ...DATABASE_APPS.map(
      (app) => `CREATE ROLE ${loginOf(app).username} LOGIN PASSWORD '${LOGIN_PASSWORD}' IN ROLE ${roleOf(app)}`,
    ),
  );
  await parts.migrateAs(OWNER);
  for (const secret of [parts.kafka.password, parts.redis.password, LOGIN_PASSWORD]) noteSecret(logDir, secret);
  services = INSTANCE_NAMES.map((name) =>
    appService({ name, placement: ports[name], env: envOf(appOf(name) as DatabaseApp), logDir }),
  );
  await Promise.all(services.map((service) => service.start()));
});
afterAll(async () => {
  await Promise.all(services.map((service) => service.kill()));
  await parts?.close();
});

describe('a chat whose parts all speak TLS alone and let nobody in without a login', () => {
  it('is talked in over two gateways, stored, and told who is there', async () => {
    const [ann, ben] = [newPerson('ann'), newPerson('ben')];
    const rest = (person: typeof ann) =>
      new RestCaller(`http://127.0.0.1:${ports['rooms-api'].publicPort}`, { authorization: `Bearer ${person.token}` });
    const created = await rest(ann).post<{ id: number }>(ROOMS, { name: 'behind TLS' });
    const roomId = created.body.id;
    expect((await rest(ben).post(`${ROOMS}/join/${roomId}`)).status).toBe(200);
    const urlOf = (name: InstanceName) => `ws://127.0.0.1:${ports[name].publicPort}/ws`;
    const [ofAnn, ofBen] = await Promise.all([
      StompSession.open({ url: urlOf('ws-gateway-1'), token: ann.token }),
      StompSession.open({ url: urlOf('ws-gateway-2'), token: ben.token }),
    ]);
    try {
      const heard = await ofBen.subscribe(`/topic/chat_rooms/${roomId}`);
      const typists = await ofBen.subscribe(`/topic/chat_rooms/${roomId}/typing`);
      const messageId = await ofAnn.sendMessage(roomId, marked('in cipher'));
      await eventually(() => expect(heard.messages.map(({ headers }) => headers['message-id'])).toEqual([messageId]));
      const ofBens = await readFeedCounts(`http://127.0.0.1:${ports['ws-gateway-2'].internalPort}`);
      expect(ofBens).toMatchObject({ received: 1, read: 0 });
      await eventually(async () => {
        const { body } = await rest(ben).get<{ items: readonly { id: number }[] }>(`${ROOMS}/${roomId}/messages`);
        expect(body.items.map(({ id }) => String(id))).toEqual([messageId]);
      }, TOLD);
      await eventually(async () => {
        const { body } = await rest(ben).get<{ items: readonly object[] }>(`${ROOMS}/${roomId}/members`);
        expect(body.items).toEqual([
          expect.objectContaining({ userId: ann.id, isOnline: true }),
          expect.objectContaining({ userId: ben.id, isOnline: true }),
        ]);
      }, TOLD);
      await eventually(async () => {
        await ofAnn.send(`/app/chat.typing/${roomId}`, { isTyping: true });
        expect(typists.messages).not.toEqual([]);
      }, TOLD);
    } finally {
      await Promise.all([ofAnn.abandon(), ofBen.abandon()]);
    }
    const log = services.map((service) => service.readLog()).join('');
    expect(log).not.toMatch(/NOPERM|permission denied|not authorized|authorization failed/i);
  });
});

describe('who may log in', () => {
  const refusedBy = async (url: string, statement: string) => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return await client.query(statement).then(
        () => 'done',
        (error: Error) => error.message,
      );
    } finally {
      await client.end();
    }
  };

  it.each(DATABASE_APPS)('as %s changes no schema, empties no table and makes no roles', async (app) => {
    const url = parts.postgres.urlOf(loginOf(app));
    expect(await refusedBy(url, 'CREATE TABLE mine (id int)')).toMatch(/permission denied/);
    expect(await refusedBy(url, 'ALTER TABLE messages ADD COLUMN mine int')).toMatch(/must be owner/);
    expect(await refusedBy(url, 'TRUNCATE messages')).toMatch(/permission denied/);
    expect(await refusedBy(url, 'CREATE ROLE mine')).toMatch(/permission denied/);
    expect(await refusedBy(url, 'UPDATE messages SET sender_id = sender_id')).toMatch(/permission denied/);
  });

  it.each([
    ['presence-worker', 'SELECT FROM messages'],
    ['presence-worker', 'SELECT FROM memberships'],
    ['ws-gateway', 'DELETE FROM memberships'],
    ['ws-gateway', 'INSERT INTO messages DEFAULT VALUES'],
    ['rooms-api', 'INSERT INTO messages DEFAULT VALUES'],
    ['message-persister', 'SELECT FROM users'],
    ['message-persister', 'DELETE FROM memberships'],
  ] as const)('as %s is denied what is the work of others: %s', async (app, statement) => {
    expect(await refusedBy(parts.postgres.urlOf(loginOf(app)), statement)).toMatch(/permission denied/);
  });

  it.each([
    ['rooms-api', ['SET', 'presence:user:1', 'x']],
    ['rooms-api', ['EVAL', "return redis.call('DEL', KEYS[1])", '1', 'presence:user:1']],
    ['rooms-api', ['SUBSCRIBE', 'typing:0:room:1']],
    ['ws-gateway', ['DEL', 'presence:user:1']],
    ['ws-gateway', ['PUBLISH', 'other', 'x']],
    ['ws-gateway', ['KEYS', '*']],
    ['presence-worker', ['SET', 'other', 'x']],
    ['presence-worker', ['FLUSHALL']],
    ['presence-worker', ['CONFIG', 'GET', '*']],
  ] as const)('at Redis as %s is denied %j', async (app, [command, ...args]) => {
    const { address, password } = parts.redis;
    const ca = readFileSync(parts.certificates.caFile);
    const redis = new Redis(`rediss://${app}:${password}@${address}`, { tls: { ca }, maxRetriesPerRequest: 0 });
    try {
      await expect(redis.call(command, ...args)).rejects.toThrow(/NOPERM|can't run this command/);
    } finally {
      redis.disconnect();
    }
  });
});

describe('at Kafka', () => {
  /** Of a group or a transactional id that is denied kafkajs says no more than that nobody is in charge of it. */
  const DENIED = /not authorized|authorization failed|failed to find group coordinator/i;
  const produceAs = async (app: DatabaseApp, topic: string) => {
    const producer = kafkaAs(loginOf(app).username).producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ key: '1', value: '{}' }] }).finally(() => producer.disconnect());
  };
  const consumeAs = async (app: DatabaseApp, groupId: string, topic: string) => {
    const consumer = kafkaAs(loginOf(app).username).consumer({ groupId });
    const crashed = Promise.withResolvers<never>();
    crashed.promise.catch(() => undefined); // it may fail before anybody waits for it
    consumer.on(consumer.events.CRASH, ({ payload }) => crashed.reject(payload.error));
    await consumer.connect();
    try {
      await consumer.subscribe({ topic });
      await consumer.run({ eachMessage: () => Promise.resolve() });
      const joined = Promise.withResolvers<void>();
      consumer.on(consumer.events.FETCH, () => joined.resolve());
      await Promise.race([joined.promise, crashed.promise]);
    } finally {
      await consumer.disconnect();
    }
  };
  const deleteAs = async (app: DatabaseApp, topic: string) => {
    const admin = kafkaAs(loginOf(app).username).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] }).finally(() => admin.disconnect());
  };

  it.concurrent.each([
    ['rooms-api', 'session-events'],
    ['ws-gateway', 'presence-messages'],
    ['ws-gateway', 'room-events'],
    ['presence-worker', 'chat-messages'],
    ['message-persister', 'chat-messages'],
    ['message-persister', 'command-messages'],
  ] as const)('%s writes no %s', async (app, topic) => {
    await expect(produceAs(app, topic)).rejects.toThrow(DENIED);
  });

  it.concurrent.each([
    ['rooms-api', 'rooms-api-spec', 'chat-messages'],
    ['presence-worker', 'presence-worker-spec', 'chat-messages'],
    ['message-persister', 'message-persister-spec', 'room-events'],
    ['rooms-api', 'message-persister', 'command-messages'],
    ['ws-gateway', 'message-persister', 'chat-messages'],
  ] as const)('%s reads in group %s no %s', async (app, groupId, topic) => {
    await expect(consumeAs(app, groupId, topic)).rejects.toThrow(DENIED);
  });

  it('ws-gateway publishes in transactions, under ids that begin with chat-, and nobody else does', async () => {
    const publishTogetherAs = async (app: DatabaseApp, transactionalId: string) => {
      const producer = kafkaAs(loginOf(app).username).producer({ transactionalId, maxInFlightRequests: 1 });
      await producer.connect();
      try {
        const transaction = await producer.transaction();
        await transaction.send({ topic: 'session-events', messages: ['1', '2'].map((key) => ({ key, value: '{}' })) });
        await transaction.commit();
      } finally {
        await producer.disconnect();
      }
    };
    await publishTogetherAs('ws-gateway', 'chat-spec');
    await expect(publishTogetherAs('ws-gateway', 'spec')).rejects.toThrow(DENIED);
    await expect(publishTogetherAs('rooms-api', 'chat-spec')).rejects.toThrow(DENIED);
  });

  it.concurrent.each(DATABASE_APPS)('%s deletes no topic', async (app) => {
    await expect(deleteAs(app, 'chat-messages')).rejects.toThrow(DENIED);
  });
});

describe('who the parts do not let in', () => {
  const environment = () => envOf('presence-worker');
  const withPassword = (url: string, password: string) => Object.assign(new URL(url), { password }).href;

  /** What the work logs, and how it failed, as an app would log it. */
  async function logOf(work: (logger: Logger) => Promise<void>): Promise<string> {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    const logger = createLogger('spec', { level: 'debug', instanceId: 'spec' }, { write });
    await work(logger).catch((error: unknown) => logger.fatal({ err: error }, 'the start failed'));
    const { kafka, redis } = parts;
    for (const secret of [kafka.password, redis.password, LOGIN_PASSWORD, WRONG_PASSWORD, 'PRIVATE KEY']) {
      expect(lines.join('')).not.toContain(secret);
    }
    return lines.join('');
  }

  it.concurrent.each<[string, RegExp, () => Changes]>([
    [
      'brokers are not those that it trusts',
      /nobody that is trusted vouches for its certificate \(KAFKA_TLS, KAFKA_TLS_CA\)/,
      () => ({ KAFKA_TLS_CA: parts.strangers.caFile }),
    ],
    [
      'its password for Kafka is wrong',
      /the brokers do not let us in: .*\(KAFKA_SASL_MECHANISM and its login\)/,
      () => ({ KAFKA_SASL_PASSWORD: WRONG_PASSWORD }),
    ],
    [
      'it speaks no TLS to Kafka',
      /a broker ended the connection before it answered: it may expect TLS/,
      () => ({
        ...{ KAFKA_TLS: 'false', KAFKA_TLS_CA: undefined, KAFKA_TLS_CERT: undefined, KAFKA_TLS_KEY: undefined },
        ...{ KAFKA_SASL_MECHANISM: undefined, KAFKA_SASL_USERNAME: undefined, KAFKA_SASL_PASSWORD: undefined },
      }),
    ],
    [
      'it shows Kafka a certificate of somebody else',
      /it does not accept our certificate/,
      () => ({ KAFKA_TLS_CERT: parts.strangers.certFile, KAFKA_TLS_KEY: parts.strangers.keyFile }),
    ],
  ])('does not start where %s, and says so', async (_, words, changes) => {
    const config = readConfig(kafkaSettings, { ...environment(), ...changes() });
    const log = await logOf(async (logger) => {
      const client = new KafkaClient({ ...config, clientId: 'spec', logger });
      const catalog = new TopicCatalog({ ...config, client, logger });
      await catalog.start().finally(() => catalog.stop());
    });
    expect(log).toMatch(words);
    expect(log).toContain('the start failed');
  });

  it.concurrent.each<[string, RegExp, () => Changes]>([
    [
      'Postgres is not the one that it trusts',
      /Postgres is not trusted or not reached over TLS: nobody that is trusted/,
      () => ({ DATABASE_URL: parts.postgres.urlOf(loginOf('presence-worker'), parts.strangers.caFile) }),
    ],
    [
      'its password for Postgres is wrong',
      /[Aa]uthentication failed/,
      () => ({ DATABASE_URL: withPassword(environment()['DATABASE_URL'] ?? '', WRONG_PASSWORD) }),
    ],
    [
      'it speaks no TLS to Postgres',
      /no encryption/,
      () => ({ DATABASE_URL: Object.assign(new URL(environment()['DATABASE_URL'] ?? ''), { search: '' }).href }),
    ],
  ])('does not start where %s, and says so', async (_, words, changes) => {
    const config = readConfig(databaseSettings, { ...environment(), ...changes() });
    const log = await logOf(async (logger) => {
      const database = openDatabase({ ...config, logger });
      await database.start().finally(() => database.stop());
    });
    expect(log).toMatch(words);
    expect(log).toContain('the start failed');
  });

  it.concurrent.each<[string, RegExp, () => Changes]>([
    [
      'is not the one that it trusts',
      /nobody that is trusted vouches for its certificate \(REDIS_URL, REDIS_TLS_CA\)/,
      () => ({ REDIS_TLS_CA: parts.strangers.caFile }),
    ],
    [
      'does not know its password',
      /Redis knows no such user with this password/,
      () => ({ REDIS_URL: withPassword(environment()['REDIS_URL'] ?? '', WRONG_PASSWORD) }),
    ],
    [
      'hears no TLS',
      /it may expect TLS/,
      () => ({ REDIS_URL: environment()['REDIS_URL']?.replace('rediss:', 'redis:'), REDIS_TLS_CA: undefined }),
    ],
  ])('starts without Redis, which may be lost, where that %s, and says so', async (_, words, changes) => {
    const config = readConfig(redisSettings, { ...environment(), ...changes() });
    const log = await logOf(async (logger) => {
      const redis = new RedisClient({ ...config, clientName: 'spec', logger });
      await redis.start();
      await Promise.resolve(redis.check().check()).finally(() => redis.stop());
    });
    expect(log).toMatch(words);
    expect(log).toContain('Redis does not answer');
  });

  it('ends with 78 where settings contradict each other, and names each', async () => {
    const env = { ...environment(), KAFKA_SASL_MECHANISM: 'plain', KAFKA_TLS: 'false' };
    const { code, stderr } = await exitOfApp('presence-worker', env);
    expect(code).toBe(78);
    for (const words of ['KAFKA_TLS_CA is given, but KAFKA_TLS is off', 'would send the password in the clear']) {
      expect(stderr).toContain(words);
    }
    expect(stderr).not.toContain(parts.kafka.password);
  });
});
