import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { databaseUnderTest } from '@chat/testing';
import type { BenchConfig } from './bench.ts';

/** When and where something is measured. */
export interface Setting {
  /** ISO-8601. */
  readonly at: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly node: string;
  readonly postgres: string;
  readonly kafka: string;
  /** Over the last minute before the bench: over as many as there are cores, seconds of the clock say little. */
  readonly loadAverage: number;
}

export async function describeSetting({ databaseUrl, rootDir }: BenchConfig): Promise<Setting> {
  const loadAverage = loadavg()[0] ?? 0;
  return {
    at: new Date().toISOString(),
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    node: process.versions.node,
    postgres: await postgresVersion(databaseUrl),
    kafka: kafkaVersion(rootDir),
    loadAverage,
  };
}

/** In a sentence. */
export function settingText(setting: Setting): string {
  const { at, cores, processor, memoryGiB, node, postgres, kafka, loadAverage } = setting;
  const machine = [`${cores} cores (${processor})`, `${memoryGiB} GiB`];
  const versions = [
    `Node ${node}`,
    `Postgres ${postgres}`,
    `Kafka ${kafka} with one broker`,
    `load average ${loadAverage.toFixed(1)} when it began`,
  ];
  return `${at.slice(0, 10)}, ${[...machine, ...versions].join(', ')}.`;
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
