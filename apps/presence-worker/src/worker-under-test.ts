import { randomUUID } from 'node:crypto';
import {
  createLogger,
  Health,
  HttpListener,
  readConfig,
  Registry,
  ServiceGroup,
  systemClock,
  type AppContext,
} from '@chat/service-kit';
import { createApp } from './app.ts';
import { presenceWorkerSettings } from './config.ts';

/** Partitions of session-events in these specs. */
export const SHARDS = 2;
const STOP_DEADLINE_MS = 15_000;

export interface WorkerUnderTest {
  readonly health: Health;
  /** Why the app would have ended its process. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

export interface WorkerParts {
  readonly kafka: { readonly brokers: readonly string[]; readonly topicPrefix: string };
  readonly redisUrl: string;
  readonly redisKeyPrefix: string;
  readonly databaseUrl: string;
  readonly graceMs: number;
}

/** The whole app in this process, on real parts. */
export async function startWorker(parts: WorkerParts): Promise<WorkerUnderTest> {
  const instanceId = `worker-${randomUUID().slice(0, 8)}`;
  const logger = createLogger('presence-worker', { level: 'silent', instanceId });
  const health = new Health();
  const failures: string[] = [];
  const context: AppContext = {
    version: { app: 'presence-worker', version: '0.0.0', node: process.version, instanceId },
    instanceId,
    logger,
    clock: systemClock,
    health,
    metrics: new Registry(),
    tracing: null,
    fail: (reason, error) => failures.push(`${reason}: ${String(error)}`),
    hasFailed: () => failures.length > 0,
    internalListener: (port) =>
      new HttpListener({
        name: 'internal listener',
        host: '127.0.0.1',
        port,
        handler: (_, response) => response.end(),
      }),
  };
  const services = createApp(
    readConfig(presenceWorkerSettings, {
      INTERNAL_PORT: '0',
      KAFKA_BROKERS: parts.kafka.brokers.join(','),
      KAFKA_TOPIC_PREFIX: parts.kafka.topicPrefix,
      KAFKA_REPLICAS: '1',
      KAFKA_TOPIC_LAYOUT: `session-events:${SHARDS},room-events:1,presence-messages:2`,
      REDIS_URL: parts.redisUrl,
      REDIS_KEY_PREFIX: parts.redisKeyPrefix,
      DATABASE_URL: parts.databaseUrl,
      DATABASE_POOL_MAX: '2',
      PRESENCE_GRACE_MS: String(parts.graceMs),
    }),
    context,
  );
  const group = new ServiceGroup(services, logger);
  await group.start();
  health.markServing();
  return { health, failures, stop: () => group.stop(STOP_DEADLINE_MS) };
}
