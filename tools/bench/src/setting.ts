import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { databaseUnderTest } from '@chat/testing';
import type { BenchConfig } from './bench.ts';

/**
 * When and where something is measured: date, machine, versions, and the load average over the last minute, in a sentence. To
 * be asked before the bench begins: over as many as there are cores, others are at work and seconds of the clock say little.
 */
export async function describeSetting({ databaseUrl, rootDir }: BenchConfig): Promise<string> {
  const load = (loadavg()[0] ?? 0).toFixed(1);
  const machine = [
    `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`,
    `${Math.round(totalmem() / 1024 ** 3)} GiB`,
  ];
  const versions = [
    `Node ${process.versions.node}`,
    `Postgres ${await postgresVersion(databaseUrl)}`,
    `Kafka ${kafkaVersion(rootDir)} with one broker`,
    `load average ${load} when it began`,
  ];
  return `${new Date().toISOString().slice(0, 10)}, ${[...machine, ...versions].join(', ')}.`;
}

async function postgresVersion(databaseUrl: string): Promise<string> {
  const database = await databaseUnderTest(databaseUrl);
  try {
    const [row] = await database.query<{ server_version: string }>('SHOW server_version');
    return row?.server_version ?? 'unknown';
  } finally {
    await database.cleanUp();
  }
}

/** Of the jars that the local stack runs; a broker itself does not tell. */
function kafkaVersion(rootDir: string): string {
  const pom = readFileSync(join(rootDir, 'tools/local-stack/kafka/pom.xml'), 'utf8');
  return /kafka_[\d.]+<\/artifactId>\s*<version>([^<]+)</.exec(pom)?.[1] ?? 'unknown';
}
