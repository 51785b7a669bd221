import { join } from 'node:path';
import { freePorts, ServiceUnderTest, TEST_JWT_SECRET } from '@chat/testing';

export interface BuiltAppOptions {
  /** Folder below `apps`; it must be built. */
  readonly app: string;
  /** Of this instance, also of its log. */
  readonly name: string;
  readonly rootDir: string;
  readonly logDir: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly kafkaBrokers: string;
  readonly topicPrefix: string;
}

/** An app as an operator would run it. */
export interface BuiltApp {
  /** `127.0.0.1` and its public port. */
  readonly host: string;
  readonly internalUrl: string;
  /** SIGTERM; rejects where it takes longer than an app may. */
  stop(): Promise<unknown>;
}

/** Starts it as a process on ports of its own; resolves once it is ready. */
export async function startBuiltApp(options: BuiltAppOptions): Promise<BuiltApp> {
  const { app, name, rootDir, logDir, databaseUrl, redisUrl, kafkaBrokers, topicPrefix } = options;
  const [port, internalPort] = await freePorts(2);
  const internalUrl = `http://127.0.0.1:${internalPort}`;
  const service = new ServiceUnderTest({
    name,
    script: join(rootDir, 'apps', app, 'dist/main.js'),
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      INTERNAL_PORT: String(internalPort),
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      KAFKA_BROKERS: kafkaBrokers,
      KAFKA_TOPIC_PREFIX: topicPrefix,
      KAFKA_REPLICAS: '1',
      JWT_SECRET: TEST_JWT_SECRET,
      INSTANCE_ID: name,
    },
    logFile: join(logDir, `${name}.log`),
    readyUrl: `${internalUrl}/readyz`,
  });
  await service.start();
  return { host: `127.0.0.1:${port}`, internalUrl, stop: () => service.terminate() };
}
