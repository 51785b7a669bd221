import { createHash } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PartContext } from './part.ts';

const DOWNLOAD_DEADLINE_MS = 300_000;

/** Whether the jars are here already, so that Maven is not needed. */
export async function hasKafkaJars(context: PartContext): Promise<boolean> {
  return existsSync(await jarsFolder(context));
}

/**
 * Folder with the jars of Kafka, fetched by Maven once per clone and version of `pom.xml`. A half-done download is never
 * taken for a whole one, and two runs at once do no harm: the folder appears by rename.
 */
export async function kafkaJars(context: PartContext, maven: string): Promise<string> {
  const folder = await jarsFolder(context);
  if (existsSync(folder)) return folder;
  context.say('Fetching Kafka with Maven (once)');
  const fresh = `${folder}.${process.pid}`;
  context.run.owns(fresh);
  await mkdir(context.cacheDir, { recursive: true });
  const options = ['-DincludeScope=runtime', `-DoutputDirectory=${fresh}`];
  await context.run.exec({
    name: 'mvn dependency:copy-dependencies',
    command: maven,
    args: ['-q', '-B', '-f', pomOf(context), 'dependency:copy-dependencies', ...options],
    deadlineMs: DOWNLOAD_DEADLINE_MS,
  });
  await rename(fresh, folder).catch((error: unknown) => {
    if (!existsSync(folder)) throw error;
  });
  return folder;
}

async function jarsFolder(context: PartContext): Promise<string> {
  const hash = createHash('sha256').update(await readFile(pomOf(context)));
  return join(context.cacheDir, `kafka-${hash.digest('hex').slice(0, 8)}`);
}

function pomOf({ rootDir }: PartContext): string {
  return join(rootDir, 'tools/local-stack/kafka/pom.xml');
}
