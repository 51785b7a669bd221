import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { javaMajorVersion, kafkaProperties, type KafkaLink, type KafkaNode, type KafkaVoter } from './kafka-config.ts';
import { standardPort, StartError, startProgram, type Part, type PartContext, type PartProgram } from './part.ts';

const STANDARD_PORT = 9092;
const READY_DEADLINE_MS = 45_000;
const PROBE_DEADLINE_MS = 1_000;
const FORMAT_DEADLINE_MS = 30_000;
const STOP_GRACE_MS = 10_000;
const OLDEST_JAVA = 17;
const HEAP = ['-Xms256m', '-Xmx512m'];
/** For one of several nodes on a machine. */
const SMALL_HEAP = ['-Xms128m', '-Xmx320m'];
/** Base64 of 16 bytes; every local node is a cluster of its own, so one id serves all. */
const CLUSTER_ID = 'bG9jYWwtY2hhdC1zdGFjaw';

/** The programs that Kafka runs on. */
export interface KafkaPrograms {
  readonly java: string;
  /** Folder with Kafka's jars. */
  readonly jarsDir: string;
}

/** A cluster that is ready to be started, node by node. */
export interface PreparedKafka {
  readonly nodes: readonly KafkaNode[];
  /** Of the nodes, in the same order. */
  readonly programs: readonly PartProgram[];
}

/** Starts one Kafka node (KRaft). */
export async function startKafka(context: PartContext, kafka: KafkaPrograms): Promise<Part> {
  const port = await context.ports.take(standardPort(context, STANDARD_PORT));
  const controllerPort = await context.ports.take();
  const node = { id: 1, port, controllerPort, logDir: join(context.dataDir, 'kafka') };
  await requireJava(context, kafka.java);
  const child = await startProgram(context, await prepareNode(context, kafka, node, [node]));
  return { name: 'kafka', url: addressOf(node), pid: child.pid, source: 'process' };
}

/**
 * Formats `size` nodes that are brokers and controllers of one cluster; started together they become ready. `linksOf` gives
 * a node (numbered from 1) its listeners besides the usual one.
 */
export async function prepareKafkaCluster(
  context: PartContext,
  kafka: KafkaPrograms,
  { size, linksOf }: { size: number; linksOf: (id: number) => readonly KafkaLink[] },
): Promise<PreparedKafka> {
  await requireJava(context, kafka.java);
  const nodes: KafkaNode[] = [];
  for (let id = 1; id <= size; id += 1) {
    const [port, controllerPort] = [await context.ports.take(), await context.ports.take()];
    nodes.push({ id, port, controllerPort, logDir: join(context.dataDir, `kafka-${id}`), links: linksOf(id) });
  }
  return { nodes, programs: await Promise.all(nodes.map((node) => prepareNode(context, kafka, node, nodes))) };
}

/** `host:port` of a node's usual listener. */
export function addressOf({ port }: Pick<KafkaNode, 'port'>): string {
  return `127.0.0.1:${port}`;
}

async function prepareNode(
  context: PartContext,
  { java, jarsDir }: KafkaPrograms,
  node: KafkaNode,
  voters: readonly KafkaVoter[],
): Promise<PartProgram> {
  const name = basename(node.logDir);
  const properties = `${node.logDir}.properties`;
  await mkdir(context.dataDir, { recursive: true });
  const jvm = jvmArgs(context, jarsDir);
  await formatOnce(context, { java, jvm, node, voters });
  await writeFile(properties, kafkaProperties(node, voters));
  const spec = {
    name,
    command: java,
    args: [...(voters.length > 1 ? SMALL_HEAP : HEAP), ...jvm, 'kafka.Kafka', properties],
    logFile: join(context.logDir, `${name}.log`),
    // An orderly end takes a second for every few topics.
    stopSignal: context.isDurable ? ('SIGTERM' as const) : ('SIGKILL' as const),
    stopGraceMs: STOP_GRACE_MS,
  };
  return { spec, isReady: () => answersApiVersions('127.0.0.1', node.port), readyDeadlineMs: READY_DEADLINE_MS };
}

function jvmArgs(context: PartContext, jarsDir: string): string[] {
  const log4j = join(context.rootDir, 'tools/local-stack/kafka/log4j2.xml');
  return ['-XX:+UseSerialGC', `-Dlog4j2.configurationFile=${log4j}`, '-cp', join(jarsDir, '*')];
}

async function requireJava(context: PartContext, java: string): Promise<void> {
  const output = await context.run.exec({ name: 'java', command: java, args: ['-version'], deadlineMs: 20_000 });
  const version = javaMajorVersion(output);
  if (version !== null && version < OLDEST_JAVA) {
    throw new StartError(
      `Kafka needs Java ${OLDEST_JAVA} or newer; ${java} is ${version}. Put a newer one first on PATH.`,
    );
  }
}

/** Formats a new log folder beside its place and renames it, so that a folder that exists is a formatted one. */
async function formatOnce(
  context: PartContext,
  options: { java: string; jvm: readonly string[]; node: KafkaNode; voters: readonly KafkaVoter[] },
): Promise<void> {
  const { java, jvm, node, voters } = options;
  if (existsSync(node.logDir)) return;
  const fresh = `${node.logDir}.new`;
  const properties = `${fresh}.properties`;
  await rm(fresh, { recursive: true, force: true });
  await writeFile(properties, kafkaProperties({ ...node, logDir: fresh }, voters));
  await context.run.exec({
    name: 'kafka-storage format',
    command: java,
    args: ['-Xmx128m', ...jvm, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties],
    deadlineMs: FORMAT_DEADLINE_MS,
  });
  await rename(fresh, node.logDir);
  await rm(properties, { force: true });
}

/** ApiVersions request, version 0: size, api key 18, api version, correlation id, client id of no characters. */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0, 0]);
const CORRELATION_ID = 1;

/** Whether a broker answers an ApiVersions request without an error: it listens and serves. */
export function answersApiVersions(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: PROBE_DEADLINE_MS }, () => socket.write(API_VERSIONS));
  socket.once('data', (answer) => {
    const hasHead = answer.length >= 10;
    finish(hasHead && answer.readInt32BE(4) === CORRELATION_ID && answer.readInt16BE(8) === 0);
  });
  socket.once('timeout', () => finish(false));
  socket.once('error', () => finish(false));
  socket.once('close', () => finish(false));
  return promise;
  function finish(isServing: boolean): void {
    socket.destroy();
    resolve(isServing);
  }
}
