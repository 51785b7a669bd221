import { randomUUID } from 'node:crypto';
import {
  createLogger,
  Health,
  HttpListener,
  Registry,
  ServiceGroup,
  systemClock,
  type AppContext,
} from '@chat/service-kit';
import { createApp } from './app.ts';

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
    instanceId,
    logger,
    clock: systemClock,
    health,
    metrics: new Registry(),
    tracing: null,
    fail: (reason, error) => failures.push(`${reason}: ${String(error)}`),
    internalListener: (port) =>
      new HttpListener({
        name: 'internal listener',
        host: '127.0.0.1',
        port,
        handler: (_, response) => response.end(),
      }),
  };
  const services = createApp(
    {
      internalPort: 0,
      brokers: parts.kafka.brokers,
      topicPrefix: parts.kafka.topicPrefix,
      replicas: 1,
      topicLayout: `session-events:${SHARDS},room-events:1,presence-messages:2`,
      createTopics: true,
      redisUrl: parts.redisUrl,
      redisKeyPrefix: parts.redisKeyPrefix,
      databaseUrl: parts.databaseUrl,
      databasePoolMax: 2,
      databaseStatementTimeoutMs: 2_500,
      presenceGraceMs: parts.graceMs,
    },
    context,
  );
  const group = new ServiceGroup(services, logger);
  await group.start();
  health.markServing();
  return { health, failures, stop: () => group.stop(STOP_DEADLINE_MS) };
}
