import { mkdirSync } from 'node:fs';
import {
  databaseUnderTest,
  kafkaUnderTest,
  TEST_JWT_SECRET,
  type KafkaFrame,
  type ServiceUnderTest,
  type TcpProxy,
  type TrapProxy,
} from '@chat/testing';
import { INSTANCE_NAMES, type InstanceName } from './app-instances.ts';
import { createAppLogins } from './app-logins.ts';
import { appService, placeApps } from './app-service.ts';
import type { ChatAddresses } from './chat-addresses.ts';
import { noteSecret } from './log-folder.ts';
import { proxyTo, proxyToBroker, throughProxy } from './part-proxy.ts';
import { preloaded } from './preloaded.ts';
import { claimRedisDatabase } from './redis-database.ts';
import { sharedEnvironment } from './shared-environment.ts';

/** What every chat here is told of its API gateway. */
export const GATEWAY_KEY = { id: 'edge-1', secret: 'a-key-of-the-api-gateway-with-more-than-32-bytes' };

export interface ChatOptions {
  /** Folder for the logs of this chat; made where missing. */
  readonly logDir: string;
  /** From a lost socket to OFFLINE, in ms; by default the apps' own default. */
  readonly presenceGraceMs?: number;
  /** Between two heart-beats of STOMP, in ms; by default the apps' own default. */
  readonly heartBeatMs?: number;
  /** Messages of a subscription that may await ACK; by default the apps' own default. */
  readonly maxUnacknowledged?: number;
  /** Changes of presence that are told one by one within an interval; by default the apps' own default. */
  readonly presenceEventsPerInterval?: number;
  /**
   * How gateways get `chat-messages`, of which the second one may be sent its rooms beside a first one that reads everything;
   * by default as the environment of the tests says, else the apps' own default.
   */
  readonly roomFeed?: 'interest' | 'mixed';
  /** Whether Postgres, Redis and Kafka lie behind proxies that can be cut; false by default. */
  readonly isCuttable?: boolean;
  /** Whether SIGUSR2 has an app collect its garbage; false by default. */
  readonly collectsGarbage?: boolean;
  /** Collector for the traces of whoever sends a sampled `traceparent`; nothing is traced by default. */
  readonly collectorUrl?: string;
}

/** The stretches of network between the apps and what they need, to be cut and mended. */
export interface ChatNetwork {
  readonly postgres: TcpProxy;
  readonly redis: TcpProxy;
  /** In front of the first broker, the only one of the parts. */
  readonly kafka: TrapProxy<KafkaFrame>;
}

/** The default of PRESENCE_GRACE_MS, in ms. */
const DEFAULT_PRESENCE_GRACE_MS = 10_000;

/** The apps of one chat on a database, Redis database and topics of its own. */
export interface RunningChat {
  readonly addresses: ChatAddresses;
  readonly services: Readonly<Record<InstanceName, ServiceUnderTest>>;
  /** Null where it is not cuttable. */
  readonly network: ChatNetwork | null;
  /** Starts one more instance of the app that it is named after, with a number of its own; it ends with the others. */
  startAnother(name: string): Promise<ServiceUnderTest>;
  /** Ends all apps and removes their data. */
  stop(): Promise<void>;
}

/** Starts all five at once; resolves when each is ready, otherwise stops what runs and throws with the log's tail. */
export async function startChat(options: ChatOptions): Promise<RunningChat> {
  const {
    logDir,
    presenceGraceMs,
    heartBeatMs,
    maxUnacknowledged,
    presenceEventsPerInterval,
    roomFeed,
    isCuttable = false,
    collectsGarbage = false,
    collectorUrl = '',
  } = options;
  mkdirSync(logDir, { recursive: true });
  const [kafka, database, redis] = await Promise.all([kafkaUnderTest(), databaseUnderTest(), claimRedisDatabase()]);
  const network = isCuttable ? await openNetwork(database.url, redis.url, kafka.brokers) : null;
  const ports = await placeApps(INSTANCE_NAMES);
  const logins = await createAppLogins({
    databaseUrl: database.url,
    appDatabaseUrl: throughProxy(database.url, network?.postgres),
    redis: redis.redis,
    appRedisUrl: throughProxy(redis.url, network?.redis),
  });
  noteSecret(logDir, logins.password);
  const shared = {
    ...sharedEnvironment({
      databaseUrl: throughProxy(database.url, network?.postgres),
      redisUrl: throughProxy(redis.url, network?.redis),
      kafkaBrokers: kafka.brokers.join(','),
      topicPrefix: kafka.topicPrefix,
      jwtSecret: TEST_JWT_SECRET,
      gatewayKey: GATEWAY_KEY,
    }),
    ...(presenceGraceMs !== undefined && { PRESENCE_GRACE_MS: String(presenceGraceMs) }),
    ...(heartBeatMs !== undefined && { HEART_BEAT_MS: String(heartBeatMs) }),
    ...(maxUnacknowledged !== undefined && { MAX_UNACKNOWLEDGED_PER_SUBSCRIPTION: String(maxUnacknowledged) }),
    ...(presenceEventsPerInterval !== undefined && { PRESENCE_EVENTS_PER_INTERVAL: String(presenceEventsPerInterval) }),
    ...(collectorUrl !== '' && tracedTo(collectorUrl)),
    ...(network !== null && { CHAT_E2E_BEND_PORT: bentPorts(network.kafka, kafka.brokers) }),
    NODE_OPTIONS: [
      ...(network === null ? [] : [preloaded('bend-connections.ts')]),
      ...(collectsGarbage ? [preloaded('collect-garbage.ts')] : []),
    ].join(' '),
  };
  const envOf = (name: string) => ({ ...shared, ...feedOf(name, roomFeed), ...logins.envOf(name) });
  const services = recordOf((name) => appService({ name, placement: ports[name], env: envOf(name), logDir }));
  const others: ServiceUnderTest[] = [];
  const startAnother = async (name: string) => {
    const placed = await placeApps([name]);
    const placement = placed[name] ?? { publicPort: 0, internalPort: 0 };
    const service = appService({ name, placement, env: envOf(name), logDir });
    others.push(service);
    await service.start();
    return service;
  };
  const stop = async () => {
    await Promise.all([...Object.values(services), ...others].map((service) => service.kill()));
    await Promise.all(Object.values(network ?? {}).map((proxy: TcpProxy) => proxy.close()));
    await Promise.all([kafka.cleanUp(), database.cleanUp()]);
    await logins.cleanUp();
    await redis.cleanUp();
  };
  const starts = await Promise.allSettled(Object.values(services).map((service) => service.start()));
  const failure = starts.find((start) => start.status === 'rejected');
  if (failure !== undefined) {
    await stop();
    throw failure.reason;
  }
  const internalUrls = recordOf((name) => `http://127.0.0.1:${ports[name].internalPort}`);
  const wsUrlOf = (name: InstanceName) => `ws://127.0.0.1:${ports[name].publicPort}/ws`;
  return {
    addresses: {
      restUrl: `http://127.0.0.1:${ports['rooms-api'].publicPort}`,
      internalUrl: internalUrls['rooms-api'],
      wsUrls: [wsUrlOf('ws-gateway-1'), wsUrlOf('ws-gateway-2')],
      internalUrls,
      pids: recordOf((name) => services[name].pid),
      jwtSecret: TEST_JWT_SECRET,
      gatewayKey: GATEWAY_KEY,
      databaseUrl: database.url,
      redisUrl: redis.url,
      kafkaBrokers: kafka.brokers.join(','),
      topicPrefix: kafka.topicPrefix,
      presenceGraceMs: presenceGraceMs ?? DEFAULT_PRESENCE_GRACE_MS,
      collectorUrl,
    },
    services,
    network,
    startAnother,
    stop,
  };
}

async function openNetwork(databaseUrl: string, redisUrl: string, brokers: readonly string[]): Promise<ChatNetwork> {
  return {
    postgres: await proxyTo(databaseUrl),
    redis: await proxyTo(redisUrl),
    kafka: await proxyToBroker(brokers[0] ?? ''),
  };
}

function feedOf(name: string, roomFeed: ChatOptions['roomFeed']): Readonly<Record<string, string>> {
  if (roomFeed === undefined) return {};
  return { ROOM_FEED: roomFeed === 'mixed' && name === 'ws-gateway-1' ? 'full' : 'interest' };
}

/** Environment of an app that traces what callers sample, and nothing beside. */
function tracedTo(collectorUrl: string) {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl, OTEL_TRACES_SAMPLER_ARG: '0', TRACE_TRUSTS_CALLERS: 'true' };
}

/** For an app whose connections to the first broker go by way of the proxy. */
function bentPorts(proxy: TcpProxy, [broker = '']: readonly string[]): string {
  return `${new URL(`kafka://${broker}`).port}:${proxy.port}`;
}

function recordOf<Value>(valueOf: (name: InstanceName) => Value): Record<InstanceName, Value> {
  const entries = INSTANCE_NAMES.map((name) => [name, valueOf(name)] as const);
  return Object.fromEntries(entries) as Record<InstanceName, Value>; // Object.fromEntries forgets which keys there are
}
