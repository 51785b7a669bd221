import { join } from 'node:path';
import { readConfig, type LocalConfig } from '../config.ts';
import { migrate } from '../migrate.ts';
import type { KafkaNode } from '../parts/kafka-config.ts';
import { addressOf, formatKafkaNodes, prepareKafkaNode, type KafkaPrograms } from '../parts/kafka.ts';
import { findPartPrograms } from '../parts/part-programs.ts';
import { throwawayContext, type PartContext, type PartProgram } from '../parts/part.ts';
import { createDatabaseBeside, createTablespace, DATABASE, preparePostgres, WITHOUT_FSYNC } from '../parts/postgres.ts';
import { prepareRedis } from '../parts/redis.ts';
import { endLeftovers } from '../processes/run-ledger.ts';
import { Run } from '../processes/run.ts';
import { openFaultLink, openKafkaSide, type FaultLink, type KafkaSide, type PartAddresses } from './fault-links.ts';
import { takePostgresSnapshot, type PostgresSnapshot } from './postgres-snapshot.ts';
import { RestartablePart } from './restartable-part.ts';
import { openSmallDisk, type FillableDisk } from './small-disk.ts';

/** In the order of their node ids, from 1. */
const BROKER_NAMES = ['kafka-1', 'kafka-2', 'kafka-3'];
const TABLESPACE = 'small_disk';

export interface FaultPartsOptions {
  /** Of this process. */
  readonly env: NodeJS.ProcessEnv;
  /** Names of those whose network to the parts can be broken: letters, digits and dashes. */
  readonly links?: readonly string[];
  /** Root of the sources whose migrations the database has; this clone's by default. */
  readonly schemaOf?: string;
  /** Told one line at a time what goes on; nobody unless given. */
  readonly say?: (line: string) => void;
}

/**
 * Parts made to be broken: three Kafka brokers (three replicas, two of which acknowledge), a Redis that forgets everything
 * with its process, and a migrated Postgres. All on free ports, with data that is thrown away.
 */
export interface FaultParts {
  /** Node 1 first. */
  readonly brokers: readonly RestartablePart[];
  readonly redis: RestartablePart;
  readonly postgres: RestartablePart;
  /** Where the tables are; the server's log and catalogue are elsewhere, so it lives on when this disk is full. */
  readonly disk: FillableDisk;
  /** Copies the data of Postgres, to be put back later. */
  snapshotPostgres(): Promise<PostgresSnapshot>;
  /** The way to the parts that nobody breaks. */
  readonly direct: PartAddresses;
  readonly links: readonly FaultLink[];
  /** Has `kafka-1.log` and so on, until the parts are closed. */
  readonly logDir: string;
  /** The broker with a node id, as Kafka's metadata names leaders. */
  broker(nodeId: number): RestartablePart;
  link(name: string): FaultLink;
  /** Ends all of it, whatever state it is in, and deletes its data. */
  close(): Promise<void>;
}

/** Opens them; when it rejects nothing is left behind, nor when this process is killed. */
export async function openFaultParts({
  env,
  links = [],
  schemaOf,
  say = () => undefined,
}: FaultPartsOptions): Promise<FaultParts> {
  const config = readConfig(env);
  const runsDir = join(config.localDir, 'runs');
  await endLeftovers(runsDir);
  const run = new Run({ runsDir, env: config.testEnv });
  const folder = join(config.localDir, `faults-${run.id}`);
  const context = throwawayContext({ run, folder, config, say });
  const opened: Opened = { parts: [], sides: [], links: [] };
  const close = () => closeAll(run, opened);
  try {
    return {
      ...(await openAll(context, { config, linkNames: links, schemaOf: schemaOf ?? config.rootDir, opened })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What has to be closed, as far as it was opened. */
interface Opened {
  readonly parts: RestartablePart[];
  readonly sides: KafkaSide[];
  readonly links: FaultLink[];
}

interface Plan {
  readonly config: LocalConfig;
  readonly linkNames: readonly string[];
  readonly schemaOf: string;
  readonly opened: Opened;
}

async function openAll(context: PartContext, plan: Plan): Promise<Omit<FaultParts, 'close'>> {
  const { config, opened } = plan;
  const programs = await findPartPrograms(context, ['redis', 'kafka'], config);
  const [kafka, redis, postgres] = await Promise.all([
    openBrokers(context, plan, await programs.kafka()),
    openRedis(context, opened, programs.redisServer),
    openPostgres(context, plan),
  ]);
  const direct = { kafkaBrokers: kafka.url, redisUrl: redis.url, databaseUrl: postgres.url };
  for (const side of opened.sides) opened.links.push(await openFaultLink(side, direct));
  return {
    brokers: kafka.brokers,
    redis: redis.part,
    postgres: postgres.part,
    disk: postgres.disk,
    snapshotPostgres: postgres.snapshot,
    direct,
    links: opened.links,
    logDir: context.logDir,
    broker: (nodeId) => named(kafka.brokers, `kafka-${nodeId}`),
    link: (name) => named(opened.links, name),
  };
}

async function openBrokers(context: PartContext, { linkNames, opened }: Plan, kafka: KafkaPrograms) {
  const logDirs = await formatKafkaNodes(context, kafka, BROKER_NAMES);
  for (const name of linkNames) opened.sides.push(await openKafkaSide(name, BROKER_NAMES.length, context.ports));
  const nodes: KafkaNode[] = [];
  for (const [index, logDir] of logDirs.entries()) {
    const links = opened.sides.flatMap(({ listeners }) => listeners[index] ?? []);
    const [port, controllerPort] = [await context.ports.take(), await context.ports.take()];
    nodes.push({ id: index + 1, port, controllerPort, logDir, links });
  }
  const programs = await Promise.all(nodes.map((node) => prepareKafkaNode(context, kafka, node, nodes)));
  const brokers = programs.map((program) => newPart(context, opened, program));
  await Promise.all(brokers.map((broker) => broker.start()));
  return { brokers, url: nodes.map(addressOf).join(',') };
}

async function openRedis(context: PartContext, opened: Opened, command: string) {
  const { program, url } = await prepareRedis(context, command);
  const part = newPart(context, opened, program);
  await part.start();
  return { part, url };
}

/** Loses no committed transaction when it is killed, as a real one does not. */
async function openPostgres(context: PartContext, { config: { isRoot }, schemaOf, opened }: Plan) {
  const { program, home, serverUrl } = await preparePostgres(context, isRoot, WITHOUT_FSYNC);
  const part = newPart(context, opened, program);
  await part.start();
  const folder = join(home.parentDir, 'small-disk');
  const disk = await openSmallDisk({ run: context.run, folder, isRoot, owner: home.runAs });
  if (disk.isAvailable) await createTablespace(serverUrl, TABLESPACE, disk.folder);
  const databaseUrl = await createDatabaseBeside(serverUrl, DATABASE, disk.isAvailable ? TABLESPACE : undefined);
  await migrate(context.run, schemaOf, databaseUrl);
  const folders = [join(home.parentDir, 'postgres'), ...(disk.isAvailable ? [disk.folder] : [])];
  let count = 0;
  const snapshot = () => {
    const into = join(home.parentDir, `snapshot-${(count += 1)}`);
    return takePostgresSnapshot({ run: context.run, postgres: part, folders, into });
  };
  return { part, disk, snapshot, url: databaseUrl };
}

function newPart(context: PartContext, opened: Opened, program: PartProgram): RestartablePart {
  const part = new RestartablePart(context, program);
  opened.parts.push(part);
  return part;
}

function named<Named extends { readonly name: string }>(all: readonly Named[], name: string): Named {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no ${name}, only ${all.map((one) => one.name).join(', ')}`);
  return found;
}

async function closeAll(run: Run, { parts, sides, links }: Opened): Promise<void> {
  const proxies = [
    ...sides.flatMap((side) => side.proxies),
    ...links.flatMap(({ redis, postgres }) => [redis, postgres]),
  ];
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await Promise.all(parts.map((part) => part.kill()));
  await run.close();
}
