import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PartContext } from './part.ts';

const DOWNLOAD_DEADLINE_MS = 300_000;

/**
 * Folder with the jars of Kafka, fetched by Maven once per clone and version of `pom.xml`. A half-done download is never
 * taken for a whole one, and two runs at once do no harm: the folder appears by rename.
 */
export async function kafkaJars(context: PartContext, findMaven: () => Promise<string>): Promise<string> {
  const pom = join(context.rootDir, 'tools/local-stack/kafka/pom.xml');
  const hash = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 8);
  const folder = join(context.cacheDir, `kafka-${hash}`);
  if (existsSync(folder)) return folder;
  const maven = await findMaven();
  context.say('fetching Kafka with Maven (once)');
  const fresh = `${folder}.${process.pid}`;
  await mkdir(context.cacheDir, { recursive: true });
  await context.run.exec({
    name: 'mvn dependency:copy-dependencies',
    command: maven,
    args: [
      '-q',
      '-B',
      '-f',
      pom,
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${fresh}`,
    ],
    deadlineMs: DOWNLOAD_DEADLINE_MS,
  });
  await rename(fresh, folder).catch(async (error: unknown) => {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  });
  return folder;
}
