import { join } from 'node:path';
import { freePorts, ServiceUnderTest, TEST_JWT_SECRET } from '@chat/testing';

export interface RoomsApiOptions {
  readonly name: string;
  readonly rootDir: string;
  readonly logDir: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly kafkaBrokers: string;
  readonly topicPrefix: string;
}

/** The built rooms-api as an operator would run it, ready. */
export async function startRoomsApi(options: RoomsApiOptions) {
  const { name, rootDir, logDir, databaseUrl, redisUrl, kafkaBrokers, topicPrefix } = options;
  const [port, internalPort] = await freePorts(2);
  const service = new ServiceUnderTest({
    name,
    script: join(rootDir, 'apps/rooms-api/dist/main.js'),
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
    readyUrl: `http://127.0.0.1:${internalPort}/readyz`,
  });
  await service.start();
  return { url: `http://127.0.0.1:${port}`, stop: () => service.terminate() };
}
