import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import {
  javaMajorVersion,
  kafkaProperties,
  type KafkaNode,
  type KafkaSecurity,
  type KafkaVoter,
} from './kafka-config.ts';
import { standardPort, StartError, startProgram, type Part, type PartContext, type PartProgram } from './part.ts';
import type { OpenSocket } from './redis.ts';

const STANDARD_PORT = 9092;
const READY_DEADLINE_MS = 45_000;
const PROBE_DEADLINE_MS = 1_000;
const FORMAT_DEADLINE_MS = 30_000;
const STOP_GRACE_MS = 10_000;
const OLDEST_JAVA = 17;
/** Of the two compilers of the JVM: saves 40 % of the CPU time until a broker is ready, and costs a little later. */
const FIRST_COMPILER_ONLY = '-XX:TieredStopAtLevel=1';
const ALONE = ['-Xms256m', '-Xmx512m'];
const ONE_OF_SEVERAL = ['-Xms128m', '-Xmx320m', FIRST_COMPILER_ONLY];
/** Base64 of 16 bytes; every local node is a cluster of its own, so one id serves all. */
const CLUSTER_ID = 'bG9jYWwtY2hhdC1zdGFjaw';

/** The programs that Kafka runs on. */
export interface KafkaPrograms {
  readonly java: string;
  /** Folder with Kafka's jars. */
  readonly jarsDir: string;
}

/** Starts one Kafka node (KRaft). */
export async function startKafka(context: PartContext, kafka: KafkaPrograms): Promise<Part> {
  const [logDir = ''] = await formatKafkaNodes(context, kafka, ['kafka']);
  const port = await context.ports.take(standardPort(context, STANDARD_PORT));
  const node = { id: 1, port, controllerPort: await context.ports.take(), logDir };
  const child = await startProgram(context, await prepareKafkaNode(context, kafka, node, [node]));
  return { name: 'kafka', url: addressOf(node), pid: child.pid, source: 'process' };
}

/** Formats the log folders of the nodes of one cluster, the first with id 1; resolves to the folders, named like the nodes. */
export async function formatKafkaNodes(
  context: PartContext,
  kafka: KafkaPrograms,
  names: readonly string[],
  security?: KafkaSecurity,
): Promise<readonly string[]> {
  await requireJava(context, kafka.java);
  await mkdir(context.dataDir, { recursive: true });
  // Nothing listens there; the ports of its life are taken later, so that nobody else can have taken them meanwhile.
  const nodes = names.map((name, index) => ({
    id: index + 1,
    port: STANDARD_PORT,
    controllerPort: STANDARD_PORT + 1 + index,
    logDir: join(context.dataDir, name),
    ...(security && { security }),
  }));
  await Promise.all(nodes.map((node) => formatOnce(context, kafka, node, nodes)));
  return nodes.map(({ logDir }) => logDir);
}

/** `host:port` of a node's usual listener. */
export function addressOf({ port }: Pick<KafkaNode, 'port'>): string {
  return `127.0.0.1:${port}`;
}

/** How a node is started whose log folder is formatted; the nodes of a cluster become ready when most of them run. */
export async function prepareKafkaNode(
  context: PartContext,
  { java, jarsDir }: KafkaPrograms,
  node: KafkaNode,
  voters: readonly KafkaVoter[],
): Promise<PartProgram> {
  const name = basename(node.logDir);
  const properties = `${node.logDir}.properties`;
  await writeFile(properties, kafkaProperties(node, voters));
  const sizes = voters.length > 1 ? ONE_OF_SEVERAL : ALONE;
  const spec = {
    name,
    command: java,
    args: [...sizes, ...jvmArgs(context, jarsDir), 'kafka.Kafka', properties],
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
  { java, jarsDir }: KafkaPrograms,
  node: KafkaNode,
  voters: readonly KafkaVoter[],
): Promise<void> {
  if (existsSync(node.logDir)) return;
  const fresh = `${node.logDir}.new`;
  const properties = `${fresh}.properties`;
  await rm(fresh, { recursive: true, force: true });
  await writeFile(properties, kafkaProperties({ ...node, logDir: fresh }, voters));
  const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties, ...scramUsers(node)];
  await context.run.exec({
    name: 'kafka-storage format',
    command: java,
    args: ['-Xmx128m', FIRST_COMPILER_ONLY, ...jvmArgs(context, jarsDir), ...format],
    deadlineMs: FORMAT_DEADLINE_MS,
  });
  await rename(fresh, node.logDir);
  await rm(properties, { force: true });
}

/** Those who log in by SCRAM are part of the cluster's metadata; it has to know its own brokers before anything else. */
function scramUsers({ security }: KafkaNode): readonly string[] {
  const logins = security === undefined ? [] : [security.broker, ...security.users];
  return logins.flatMap(({ username, password }) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]),
  );
}

/** ApiVersions request, version 0: size, api key 18, api version, correlation id, client id of no characters. */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0, 0]);
const CORRELATION_ID = 1;

/** Whether a broker answers an ApiVersions request without an error: it listens and serves. */
export function answersApiVersions(
  host: string,
  port: number,
  open: OpenSocket = (listener) => connect({ host, port }, listener),
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = open(() => socket.write(API_VERSIONS)).setTimeout(PROBE_DEADLINE_MS);
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
