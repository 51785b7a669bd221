import { join } from 'node:path';
import { Ports } from '@chat/local-stack';
import { ServiceUnderTest, TEST_JWT_SECRET } from '@chat/testing';

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
  /** Settings of this app beside those. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where it leaves a CPU profile of its whole life when it stops; none by default. */
  readonly profileDir?: string | null;
}

/** An app as an operator would run it. */
export interface BuiltApp {
  /** `127.0.0.1` and its public port. */
  readonly host: string;
  readonly port: number;
  /** `127.0.0.1` and its internal port. */
  readonly internalHost: string;
  readonly pid: number;
  /** SIGTERM; rejects where it takes longer than an app may. */
  stop(): Promise<unknown>;
}

/** A load generator comes faster than users do. */
const UNLIMITED = { MAX_CONNECTS_PER_SECOND: '1000000', MAX_SENDS_PER_SECOND_PER_USER: '1000000' };

/** Starts it as a process on ports of its own; resolves once it is ready. */
export async function startBuiltApp(options: BuiltAppOptions): Promise<BuiltApp> {
  const {
    app,
    name,
    rootDir,
    logDir,
    databaseUrl,
    redisUrl,
    kafkaBrokers,
    topicPrefix,
    settings = {},
    profileDir = null,
  } = options;
  const ports = new Ports();
  const [port, internalPort] = [await ports.take(), await ports.take()];
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
      ...UNLIMITED,
      ...(profileDir !== null && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDir}` }),
      ...settings,
    },
    logFile: join(logDir, `${name}.log`),
    readyUrl: `http://127.0.0.1:${internalPort}/readyz`,
  });
  await service.start();
  const internalHost = `127.0.0.1:${internalPort}`;
  return { host: `127.0.0.1:${port}`, port, internalHost, pid: service.pid, stop: () => service.terminate() };
}
