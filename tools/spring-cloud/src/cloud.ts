import { join } from 'node:path';
import { Ports } from '@chat/local-stack';
import {
  databaseUnderTest,
  kafkaUnderTest,
  ServiceUnderTest,
  TEST_JWT_SECRET,
  type KafkaUnderTest,
} from '@chat/testing';
import type { CloudTestConfig } from './config.ts';
import {
  apiGateway,
  CONFIG_CREDENTIALS,
  configServer,
  eurekaServer,
  GATEWAY_SECRET,
  READY_DEADLINE_MS,
} from './spring-servers.ts';

const APPS_DIR = join(import.meta.dirname, '../../../apps');
const APPS = {
  'rooms-api': 'rooms-api',
  'rooms-api-canary': 'rooms-api',
  'rooms-api-alone': 'rooms-api',
  'presence-worker': 'presence-worker',
  'message-persister': 'message-persister',
  'ws-gateway-1': 'ws-gateway',
  'ws-gateway-2': 'ws-gateway',
  'ws-gateway-3': 'ws-gateway',
  'ws-gateway-of-one-id': 'ws-gateway',
} as const;

export type AppName = keyof typeof APPS;

/** The built file of an app. */
export const scriptOf = (app: (typeof APPS)[AppName]) => join(APPS_DIR, app, 'dist/main.js');

export interface RunningApp {
  readonly service: ServiceUnderTest;
  readonly publicPort: number;
  readonly internalUrl: string;
}

/** The chat among the servers of a Spring Cloud; nothing of it runs yet. */
export interface Cloud {
  readonly eureka: ServiceUnderTest;
  readonly configServer: ServiceUnderTest;
  readonly apiGateway: ServiceUnderTest;
  /** With one route for all of the chat. */
  readonly apiGatewayOfOneId: ServiceUnderTest;
  readonly apps: Readonly<Record<AppName, RunningApp>>;
  readonly eurekaUrl: string;
  readonly configUrl: string;
  /** Where no server is. */
  readonly nobodysUrl: string;
  /** `host:port` of the two API gateways. */
  readonly edge: string;
  readonly edgeOfOneId: string;
  readonly kafka: KafkaUnderTest;
  /** Ends everything and removes its data. */
  close(): Promise<void>;
}

/** Places everything on free ports and the parts of the environment. */
export async function placeCloud(config: CloudTestConfig, redisUrl: string): Promise<Cloud> {
  const ports = new Ports();
  const [kafka, database] = await Promise.all([kafkaUnderTest(), databaseUnderTest()]);
  const [eurekaPort, configPort, edgePort, oneIdPort] = [
    await ports.take(),
    await ports.take(),
    await ports.take(),
    await ports.take(),
  ];
  /** All that the apps are told by their environment; the rest is in ../config. */
  const env = {
    SPRING_CONFIG_URI: `http://127.0.0.1:${configPort}`,
    SPRING_CONFIG_USERNAME: CONFIG_CREDENTIALS.user,
    SPRING_CONFIG_PASSWORD: CONFIG_CREDENTIALS.password,
    SPRING_PROFILES_ACTIVE: 'test',
    KAFKA_REPLICAS: '1', // there is one broker: with the 3 that are served no topic could be created
    CHAT_DATABASE_URL: database.url,
    CHAT_REDIS_URL: redisUrl,
    CHAT_KAFKA_BROKERS: kafka.brokers.join(','),
    CHAT_TOPIC_PREFIX: kafka.topicPrefix,
    CHAT_JWT_SECRET: TEST_JWT_SECRET,
    CHAT_GATEWAY_SECRET: GATEWAY_SECRET,
    CHAT_EUREKA_PORT: String(eurekaPort),
    EUREKA_DRAIN_PAUSE_MS: '1500', // what changes is with the API gateway within a second
  };
  const nobodysUrl = `http://127.0.0.1:${await ports.take()}`;
  /** Beside that, or instead of it. */
  const ownEnv: Partial<Record<AppName, Readonly<Record<string, string>>>> = {
    'rooms-api-canary': { SPRING_CONFIG_LABEL: 'canary' },
    'rooms-api-alone': {
      ...{ SPRING_CONFIG_URI: nobodysUrl, SPRING_CONFIG_DEADLINE_MS: '0', SPRING_CONFIG_FAIL_FAST: 'false' },
      ...{ HOST: '127.0.0.1', DATABASE_URL: database.url, REDIS_URL: redisUrl, JWT_SECRET: TEST_JWT_SECRET },
      ...{ KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_TOPIC_PREFIX: kafka.topicPrefix },
    },
    'ws-gateway-of-one-id': { EUREKA_APP_NAME: 'chat-service' },
  };
  const placeApp = async (name: AppName): Promise<RunningApp> => {
    const [publicPort, internalPort] = [await ports.take(), await ports.take()];
    const internalUrl = `http://127.0.0.1:${internalPort}`;
    const service = new ServiceUnderTest({
      name,
      script: scriptOf(APPS[name]),
      env: {
        ...env,
        ...{ INSTANCE_ID: name, PORT: String(publicPort), INTERNAL_PORT: String(internalPort) },
        ...ownEnv[name],
      },
      logFile: join(config.logDir, `${name}.log`),
      readyUrl: `${internalUrl}/readyz`,
      readyDeadlineMs: READY_DEADLINE_MS,
    });
    return { service, publicPort, internalUrl };
  };
  const placed: [AppName, RunningApp][] = [];
  for (const name of Object.keys(APPS) as AppName[]) placed.push([name, await placeApp(name)]); // of a const object
  const servers = {
    eureka: eurekaServer(config, eurekaPort),
    configServer: configServer(config, configPort),
    apiGateway: apiGateway(config, { port: edgePort, eurekaPort }),
    apiGatewayOfOneId: apiGateway(config, { port: oneIdPort, eurekaPort, profile: 'one-id' }),
  };
  return {
    ...servers,
    apps: Object.fromEntries(placed) as Record<AppName, RunningApp>, // Object.fromEntries forgets the keys
    configUrl: env.SPRING_CONFIG_URI,
    nobodysUrl,
    eurekaUrl: `http://127.0.0.1:${eurekaPort}/eureka`,
    edge: `127.0.0.1:${edgePort}`,
    edgeOfOneId: `127.0.0.1:${oneIdPort}`,
    kafka,
    async close() {
      const services = [...placed.map(([, { service }]) => service), ...Object.values(servers)];
      await Promise.all(services.map((service) => service.kill()));
      await Promise.all([kafka.cleanUp(), database.cleanUp()]);
    },
  };
}
