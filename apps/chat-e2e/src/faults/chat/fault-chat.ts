import { mkdirSync } from 'node:fs';
import { openFaultParts, type FaultParts } from '@chat/local-stack';
import { eventually, openTcpProxy, TEST_JWT_SECRET, type TcpProxy } from '@chat/testing';
import { appOf } from '../../harness/app-instances.ts';
import { appService, placeApps, type AppPlacement } from '../../harness/app-service.ts';
import { preloaded } from '../../harness/preloaded.ts';
import { roomFeedEnv } from '../../harness/room-feed.ts';
import { TOPIC_LAYOUT } from '../../harness/topic-layout.ts';
import type { Gateway } from '../workload/fault-client.ts';
import { PAGE_ORIGIN } from '../workload/wire.ts';
import { FaultApp } from './fault-app.ts';

const GATEWAYS = ['ws-gateway-1', 'ws-gateway-2', 'ws-gateway-3'] as const;
const PERSISTERS = ['message-persister-1', 'message-persister-2'] as const;
/** Started by the fault that wants more persisters. */
export const THIRD_PERSISTER = 'message-persister-3';
const STARTED = ['rooms-api', 'presence-worker', ...GATEWAYS, ...PERSISTERS] as const;
const INSTANCES = [...STARTED, THIRD_PERSISTER] as const;
/** Several minutes of load: longer than any repeat comes after its original, and little enough to fill in a run. */
const REPEAT_WINDOW_OFFSETS = 10_000;
const START_DEADLINE_MS = 60_000;

export interface FaultChatOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly logDir: string;
  /** Built files to run instead of the apps' own, by app. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** `KAFKA_TOPIC_LAYOUT` of all apps; that of the tests by default. */
  readonly topicLayout?: string;
  /** Root of the sources whose migrations the database has at the start; this clone's by default. */
  readonly schemaOf?: string;
  readonly say?: (line: string) => void;
}

/** Three gateways, two persisters, one of each other app, on parts made to be broken, every link between them behind a proxy. */
export interface FaultChat {
  readonly parts: FaultParts;
  /** Those that run in ordinary times. */
  readonly apps: readonly FaultApp[];
  readonly gateways: readonly FaultApp[];
  readonly persisters: readonly FaultApp[];
  readonly thirdPersister: FaultApp;
  /** Where clients connect to; behind `clientLinks`. */
  readonly gatewayUrls: readonly Gateway[];
  /** Of rooms-api. */
  readonly restUrl: string;
  app(name: string): FaultApp;
  /** The network between the clients and a gateway. */
  clientLink(gateway: string): TcpProxy;
  /** Ends everything, whatever state it is in. */
  close(): Promise<void>;
}

/** Resolves when all are ready; when it rejects nothing is left behind. */
export async function openFaultChat(options: FaultChatOptions): Promise<FaultChat> {
  const { env, logDir, schemaOf, say } = options;
  mkdirSync(logDir, { recursive: true });
  const parts = await openFaultParts({ env, links: INSTANCES, ...(say && { say }), ...(schemaOf && { schemaOf }) });
  const apps: FaultApp[] = [];
  const links = new Map<string, TcpProxy>();
  const close = async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await Promise.all([...links.values()].map((link) => link.close()));
    await parts.close();
  };
  try {
    const placements = await placeApps(INSTANCES);
    for (const name of INSTANCES) apps.push(openApp(name, placements[name], parts, options));
    for (const name of GATEWAYS) {
      links.set(name, await openTcpProxy({ host: '127.0.0.1', port: placements[name].publicPort }));
    }
    await startAll(apps.filter(({ name }) => name !== THIRD_PERSISTER));
    return { ...describe(apps, links), parts, restUrl: urlOf(placements['rooms-api'].publicPort), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openApp(name: string, placement: AppPlacement, parts: FaultParts, options: FaultChatOptions): FaultApp {
  const { databaseUrl, redisUrl, kafkaBrokers } = parts.link(name);
  const script = options.scripts?.[appOf(name)];
  const env = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    KAFKA_BROKERS: kafkaBrokers,
    KAFKA_TOPIC_LAYOUT: options.topicLayout ?? TOPIC_LAYOUT,
    KAFKA_REPLICAS: '3',
    ROUTER_KEPT_BYTES_PER_PARTITION: '4194304',
    REPEAT_WINDOW_OFFSETS: String(REPEAT_WINDOW_OFFSETS),
    NODE_OPTIONS: preloaded('collect-garbage.ts'),
    JWT_SECRET: TEST_JWT_SECRET,
    ALLOWED_ORIGINS: PAGE_ORIGIN,
    CORS_ORIGINS: PAGE_ORIGIN, // its name in older builds, which run beside these in an upgrade
    LOG_LEVEL: 'info',
    ...roomFeedEnv(options.env),
  };
  const service = appService({ name, placement, env, logDir: options.logDir, ...(script !== undefined && { script }) });
  return new FaultApp(service, urlOf(placement.internalPort));
}

async function startAll(apps: readonly FaultApp[]): Promise<void> {
  for (const app of apps) app.supervise();
  await Promise.all(apps.map((app) => becomeReady(app)));
}

async function becomeReady(app: FaultApp): Promise<void> {
  const assertReady = async () => {
    if (!(await app.isReady())) throw new Error(`${app.name} is not ready`);
  };
  await eventually(assertReady, { deadlineMs: START_DEADLINE_MS, everyMs: 200 });
}

function describe(apps: readonly FaultApp[], links: ReadonlyMap<string, TcpProxy>) {
  const app = (name: string) =>
    found(
      apps.find((one) => one.name === name),
      name,
    );
  const clientLink = (gateway: string) => found(links.get(gateway), gateway);
  return {
    apps: STARTED.map(app),
    gateways: GATEWAYS.map(app),
    persisters: PERSISTERS.map(app),
    thirdPersister: app(THIRD_PERSISTER),
    gatewayUrls: GATEWAYS.map((name) => ({ name, url: `ws://127.0.0.1:${clientLink(name).port}/ws` })),
    app,
    clientLink,
  };
}

function found<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`there is no ${name}`);
  return value;
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}
