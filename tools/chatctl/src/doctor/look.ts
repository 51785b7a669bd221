import { databaseSettings, openDatabase, problemOfTopic } from '@chat/database';
import { inspectMigrations, inspectPostgres, messageOf } from '@chat/database/inspection';
import { inspectCluster, kafkaSettings, KafkaClient, type ClusterInspection } from '@chat/kafka';
import { inspectRedis, redisSettings, RedisClient } from '@chat/redis';
import {
  ConfigError,
  createLogger,
  readConfig,
  withDeadline,
  type ConfigOf,
  type Readiness,
  type Settings,
} from '@chat/service-kit';
import { findingsOf, type Area, type Finding } from './finding.ts';
import { judgeApp } from './judge-apps.ts';
import { judgeClock } from './judge-clock.ts';
import { judgeKafka } from './judge-kafka.ts';
import { judgePostgres } from './judge-postgres.ts';
import { judgeRedis } from './judge-redis.ts';

/** Longest that the look at one part may take, in ms: brokers that are away are asked several times. */
const PART_DEADLINE_MS = 15_000;
/** Longest wait for an app's word, in ms. */
const APP_DEADLINE_MS = 5_000;
const NAME = 'chatctl-doctor';

const logger = createLogger(NAME, { level: 'silent', instanceId: NAME });

/** What the environment of an app may say of its parts. */
export type PartsEnvironment = Readonly<Record<string, string | undefined>>;

/** A part as it was found, and what the others may ask it. */
interface Looked<Facts> {
  readonly findings: readonly Finding[];
  readonly facts: Facts | null;
}

/** Looks at all three parts at once, and at what only two of them tell together. */
export async function lookAtParts(env: PartsEnvironment): Promise<readonly Finding[]> {
  const [kafka, redis, postgres] = await Promise.all([lookAtKafka(env), lookAtRedis(env), lookAtPostgres(env)]);
  const epoch = kafka.facts && (await lookAtLogEpoch(env, kafka.facts));
  return [...kafka.findings, ...redis.findings, ...postgres.findings, ...(epoch ?? [])];
}

/** What every app says of itself at its internal address. */
export async function lookAtApps(urls: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  const sights = await Promise.all(Object.entries(urls).map(([name, url]) => lookAtApp(name, url)));
  return sights.flat();
}

async function lookAtKafka(env: PartsEnvironment): Promise<Looked<ClusterInspection>> {
  return look({ area: 'kafka', variable: 'KAFKA_BROKERS', settings: kafkaSettings, env }, async (config) => {
    const client = new KafkaClient({ ...config, clientId: NAME, logger });
    const inspection = await inspectCluster({ client, ...config });
    return { facts: inspection, findings: judgeKafka({ inspection, createTopics: config.createTopics }) };
  });
}

async function lookAtRedis(env: PartsEnvironment): Promise<Looked<null>> {
  return look({ area: 'redis', variable: 'REDIS_URL', settings: redisSettings, env }, async (config) => {
    const client = new RedisClient({ ...config, clientName: NAME, logger });
    try {
      await client.start();
      const askedAt = Date.now();
      const sight = await inspectRedis(client);
      const clock = judgeClock({ of: 'Redis', nowMs: sight.nowMs, askedAt, answeredAt: Date.now() });
      return { facts: null, findings: [...judgeRedis(sight), clock] };
    } finally {
      await client.stop();
    }
  });
}

async function lookAtPostgres(env: PartsEnvironment): Promise<Looked<null>> {
  return look({ area: 'postgres', variable: 'DATABASE_URL', settings: databaseSettings, env }, async (config) => {
    const askedAt = Date.now();
    const sight = await inspectPostgres(config.databaseUrl);
    const clock = judgeClock({ of: 'Postgres', nowMs: sight.nowMs, askedAt, answeredAt: Date.now() });
    const [verdict, refusal] = await Promise.all([inspectMigrations(config.databaseUrl), schemaRefusal(config)]);
    return { facts: null, findings: [...judgePostgres({ sight, verdict, refusal }), clock] };
  });
}

/** Why an app would not start on this schema: the apps' own check. */
async function schemaRefusal(config: ConfigOf<typeof databaseSettings>): Promise<string | null> {
  const database = openDatabase({ ...config, applicationName: NAME, logger });
  try {
    await database.start();
    return null;
  } catch (error) {
    return messageOf(error);
  } finally {
    await database.stop();
  }
}

/** Whether the topic is the log that the database was filled from: the gateways' own check. */
async function lookAtLogEpoch(env: PartsEnvironment, { topics }: ClusterInspection): Promise<readonly Finding[]> {
  const found = topics.find(({ plan }) => plan.topic === 'chat-messages');
  if (found === undefined || found.facts === null || env['DATABASE_URL'] === undefined) return [];
  const database = openDatabase({ ...readConfig(databaseSettings, env), applicationName: NAME, logger });
  try {
    const open = await database.repositories.logEpochs.findOpen();
    const problem = open && problemOfTopic(open, { name: found.topic, partitionCount: found.facts.partitions });
    if (problem === null) return [];
    const remedy = 'Where the topic was made anew, open a new epoch: see the README of apps/message-persister.';
    return [findingsOf('postgres').error(problem, remedy)];
  } catch {
    return []; // what keeps it from being asked was found already
  } finally {
    await database.stop();
  }
}

interface Part<S extends Settings> {
  readonly area: Area;
  /** Names the part. */
  readonly variable: string;
  readonly settings: S;
  readonly env: PartsEnvironment;
}

/** The look at one part, within its deadline; that it cannot be looked at is a finding as well. */
async function look<S extends Settings, Facts>(
  { area, variable, settings, env }: Part<S>,
  at: (config: ConfigOf<S>) => Promise<Looked<Facts>>,
): Promise<Looked<Facts>> {
  const found = findingsOf(area);
  const failed = (finding: Finding): Looked<Facts> => ({ facts: null, findings: [finding] });
  if (env[variable] === undefined) {
    return failed(found.warning('it was not looked at', `Set ${variable} as the apps have it.`));
  }
  try {
    return await withDeadline(at(readConfig(settings, env)), PART_DEADLINE_MS, 'the look');
  } catch (error) {
    if (error instanceof ConfigError)
      return failed(found.error(error.problems.join('; '), `Set it as the apps need it.`));
    const remedy = `Start it, or set ${variable} to where it is.`;
    return failed(found.error(`it does not answer: ${messageOf(deepestOf(error))}`, remedy));
  }
}

/** What failed at the bottom: the words of a system say more than those of who asked. */
function deepestOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? deepestOf(error.cause) : error;
}

async function lookAtApp(name: string, url: string): Promise<readonly Finding[]> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(APP_DEADLINE_MS) });
    const readiness = (await response.json()) as Readiness; // of our own apps
    return judgeApp({ name, url, readiness, failure: null });
  } catch (error) {
    return judgeApp({ name, url, readiness: null, failure: messageOf(deepestOf(error)) });
  }
}
