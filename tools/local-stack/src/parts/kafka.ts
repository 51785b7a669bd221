import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { javaMajorVersion, kafkaProperties } from './kafka-config.ts';
import { standardPort, StartError, waitForPart, type Part, type PartContext } from './part.ts';

const STANDARD_PORT = 9092;
const READY_DEADLINE_MS = 45_000;
const PROBE_DEADLINE_MS = 1_000;
const FORMAT_DEADLINE_MS = 30_000;
const STOP_GRACE_MS = 10_000;
const OLDEST_JAVA = 17;
/** Base64 of 16 bytes; every local node is a cluster of its own, so one id serves all. */
const CLUSTER_ID = 'bG9jYWwtY2hhdC1zdGFjaw';

/** Starts one Kafka node (KRaft) from the jars in `jarsDir`. */
export async function startKafka(context: PartContext, java: string, jarsDir: string): Promise<Part> {
  await requireJava(context, java);
  const port = await context.ports.take(standardPort(context, STANDARD_PORT));
  const controllerPort = await context.ports.take();
  const folder = join(context.dataDir, 'kafka');
  const properties = join(context.dataDir, 'kafka.properties');
  await mkdir(context.dataDir, { recursive: true });
  const jvm = jvmArgs(context, jarsDir);
  await formatOnce(context, { java, jvm, folder, port, controllerPort });
  await writeFile(properties, kafkaProperties({ port, controllerPort, logDir: folder }));
  const child = context.run.spawn({
    name: 'kafka',
    command: java,
    args: ['-Xms256m', '-Xmx512m', ...jvm, 'kafka.Kafka', properties],
    logFile: join(context.logDir, 'kafka.log'),
    // An orderly end takes a second for every few topics.
    stopSignal: context.isDurable ? 'SIGTERM' : 'SIGKILL',
    stopGraceMs: STOP_GRACE_MS,
  });
  await waitForPart(context, child, () => answersApiVersions('127.0.0.1', port), READY_DEADLINE_MS);
  return { name: 'kafka', url: `127.0.0.1:${port}`, pid: child.pid, source: 'process' };
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
  node: { java: string; jvm: readonly string[]; folder: string; port: number; controllerPort: number },
): Promise<void> {
  if (existsSync(node.folder)) return;
  const fresh = `${node.folder}.new`;
  const properties = `${fresh}.properties`;
  await rm(fresh, { recursive: true, force: true });
  await writeFile(properties, kafkaProperties({ ...node, logDir: fresh }));
  await context.run.exec({
    name: 'kafka-storage format',
    command: node.java,
    args: ['-Xmx128m', ...node.jvm, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties],
    deadlineMs: FORMAT_DEADLINE_MS,
  });
  await rename(fresh, node.folder);
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
