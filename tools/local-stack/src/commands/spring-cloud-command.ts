import { mkdirSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder, fillOnce } from '../parts/cached-folder.ts';
import { findOrInstall, JAVAC, MAVEN } from '../parts/system-program.ts';
import { TaskError, type Run } from '../processes/run.ts';
import { buildApps } from './build-apps.ts';
import type { CommandContext } from './command.ts';
import { openOwnParts } from './own-parts.ts';
import { inOwnRun } from './own-run.ts';

const SERVERS_DEADLINE_MS = 15 * 60_000;
const TESTS_DEADLINE_MS = 15 * 60_000;
const PROJECT = 'tools/spring-cloud';

/**
 * `npm run test:spring-cloud [-- -t drain]`: the built apps among a Eureka server, a config server and Spring Cloud Gateway, on
 * parts of the run's own; words go to vitest. Exit status 0 when all tests passed, 1 when one failed or Java is missing, 128 +
 * signal when interrupted. The logs of the last run stay in `.local/logs/spring-cloud`.
 */
export async function springCloudCommand(command: CommandContext): Promise<number> {
  try {
    await inOwnRun(command, (run) => testAmongServers(command, run));
    return 0;
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    command.say(error.message);
    return 1;
  }
}

async function testAmongServers(command: CommandContext, run: Run): Promise<void> {
  const { config, args, say } = command;
  say('Fetching and building the servers (what is there already stays)');
  const serversDir = await buildServers(command, run);
  say('Starting Postgres, Redis and Kafka, and building the apps');
  const [parts] = await Promise.all([openOwnParts(command, run, 'cloud'), buildApps(command, run)]);
  const logDir = join(config.localDir, 'logs/spring-cloud');
  rmSync(logDir, { recursive: true, force: true });
  mkdirSync(logDir, { recursive: true });
  await run.exec({
    name: 'test:spring-cloud',
    command: 'vitest',
    args: ['run', '--config', 'vitest.cloud.config.mts', ...args],
    cwd: join(config.rootDir, PROJECT),
    env: { ...config.toolEnv, ...parts.env, CHAT_SPRING_SERVERS_DIR: serversDir, CHAT_SPRING_LOG_DIR: logDir },
    deadlineMs: TESTS_DEADLINE_MS,
    onOutput: (chunk) => process.stdout.write(chunk),
    tailLines: 0,
  });
}

/** The folder of their jars, built by Maven once per clone and content of `servers`. */
async function buildServers({ config, say }: CommandContext, run: Run): Promise<string> {
  const { rootDir, cacheDir, path, isRoot } = config;
  const programs = await findOrInstall([JAVAC, MAVEN], { run, path, isRoot, say });
  const sources = join(rootDir, PROJECT, 'servers');
  const folder = await cachedFolder(cacheDir, 'spring-servers', await filesBelow(sources));
  return fillOnce(run, folder, (fresh) =>
    run.exec({
      name: 'mvn package',
      command: programs.get(MAVEN.command) ?? MAVEN.command,
      args: ['-q', '-B', '-f', join(sources, 'pom.xml'), `-Dchat.output=${fresh}`, 'package'],
      deadlineMs: SERVERS_DEADLINE_MS,
    }),
  );
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return files.toSorted();
}
