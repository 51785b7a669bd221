import { join } from 'node:path';
import { appNames } from '../apps/app-table.ts';
import { findOrInstall, HAPROXY, TINI } from '../parts/system-program.ts';
import type { Run } from '../processes/run.ts';
import { UsageError, type CommandContext } from './command.ts';
import { inLanguageRun } from './language-run.ts';
import { openOwnParts } from './own-parts.ts';

/** Helm is built from its sources the first time. */
const TOOLS_DEADLINE_MS = 30 * 60_000;
const BUILD_DEADLINE_MS = 10 * 60_000;
const TEST_DEADLINE_MS = 30 * 60_000;

/**
 * `npm run test:helm`: the chart as Helm renders it, against the schemas of Kubernetes and the settings of the built apps.
 * Exit status 0 when all holds, 1 when something does not or Go or Python is missing, 128 + signal when interrupted.
 */
export async function helmCommand(command: CommandContext): Promise<number> {
  if (command.args.length > 0) throw new UsageError('test:helm takes no words: it checks all of the chart');
  return inLanguageRun(command, (run) => checkChart(command, run));
}

async function checkChart(command: CommandContext, run: Run): Promise<void> {
  const { config, say } = command;
  say('Fetching and building Helm, kubeconform and the schemas (what is there already stays)');
  const printed = await run.exec({
    name: 'tools',
    command: process.execPath,
    args: ['--conditions=@chat/source', join(config.rootDir, 'tools/deployment/src/main.ts'), config.cacheDir],
    deadlineMs: TOOLS_DEADLINE_MS,
  });
  await buildApps(command, run);
  await runSpecs(command, run, 'chart', { CHAT_DEPLOYMENT_TOOLS: printed.trim().split('\n').at(-1) });
}

/**
 * `npm run test:image`: does what the Dockerfile says, without an engine, and starts each app of what came out of it, on parts of
 * the run's own. Exit status as above; it needs root on Linux.
 */
export async function imageCommand(command: CommandContext): Promise<number> {
  if (command.args.length > 0) throw new UsageError('test:image takes no words: it builds the images of all apps');
  return inLanguageRun(command, async (run) => {
    const { path, isRoot } = command.config;
    await findOrInstall([TINI, HAPROXY], { run, path, isRoot, say: command.say });
    command.say('Starting Postgres, Redis and Kafka');
    const { env } = await openOwnParts(command, run, 'image');
    await runSpecs(command, run, 'image', env);
  });
}

async function buildApps({ config: { rootDir, toolEnv } }: CommandContext, run: Run): Promise<void> {
  const projects = appNames().map((app) => `@chat/${app}`);
  await run.exec({
    name: 'build',
    command: 'nx',
    args: ['run-many', '-t', 'build', '-p', projects.join(), '--outputStyle=static'],
    cwd: rootDir,
    env: toolEnv,
    deadlineMs: BUILD_DEADLINE_MS,
  });
}

/** Specs of tools/deployment that are no part of `npm test`; their report is the user's. */
async function runSpecs(
  { config: { rootDir, toolEnv } }: CommandContext,
  run: Run,
  what: 'chart' | 'image',
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await run.exec({
    name: `specs of the ${what}`,
    command: 'vitest',
    args: ['run', '--config', `vitest.${what}.config.mts`],
    cwd: join(rootDir, 'tools/deployment'),
    env: { ...toolEnv, ...env },
    deadlineMs: TEST_DEADLINE_MS,
    onOutput: (chunk) => process.stdout.write(chunk),
    tailLines: 0,
  });
}
