import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder, fillOnce } from './cached-folder.ts';
import type { PartContext } from './part.ts';

const DOWNLOAD_DEADLINE_MS = 300_000;

/** Whether the jars are here already, so that Maven is not needed. */
export async function hasKafkaJars(context: PartContext): Promise<boolean> {
  return existsSync(await jarsFolder(context));
}

/** Folder with the jars of Kafka, fetched by Maven once per clone and version of `pom.xml`. */
export async function kafkaJars(context: PartContext, maven: string): Promise<string> {
  return fillOnce(context.run, await jarsFolder(context), (fresh) => {
    context.say('Fetching Kafka with Maven (once)');
    const options = ['-DincludeScope=runtime', `-DoutputDirectory=${fresh}`];
    return context.run.exec({
      name: 'mvn dependency:copy-dependencies',
      command: maven,
      args: ['-q', '-B', '-f', pomOf(context), 'dependency:copy-dependencies', ...options],
      deadlineMs: DOWNLOAD_DEADLINE_MS,
    });
  });
}

function jarsFolder(context: PartContext): Promise<string> {
  return cachedFolder(context.cacheDir, 'kafka', [pomOf(context)]);
}

function pomOf({ rootDir }: PartContext): string {
  return join(rootDir, 'tools/local-stack/kafka/pom.xml');
}
