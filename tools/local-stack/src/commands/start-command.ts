import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { tryLock } from '../../bin/lock.mjs';
import { appNames, APP_INSTANCES } from '../apps/app-table.ts';
import { AppGroup } from '../apps/app-group.ts';
import type { LocalConfig } from '../config.ts';
import { Interruption, unlessInterrupted, whenInterrupted } from '../interruption.ts';
import { migrate } from '../migrate.ts';
import { openParts, type Parts } from '../parts/open-parts.ts';
import { Ports, takePort } from '../ports.ts';
import { endLeftovers } from '../processes/run-ledger.ts';
import { playgroundOrigin, serveControl } from '../playground/control-server.ts';
import { Run } from '../processes/run.ts';
import type { StackAddresses } from '../stack/app-environment.ts';
import { readOrCreateJwtSecret } from '../stack/jwt-secret.ts';
import { readStackFile, removeStackFile, stackFilePath, writeStackFile, type StackFile } from '../stack/stack-file.ts';
import { createToken } from '../stack/token.ts';
import { welcome } from '../stack/welcome.ts';
import { UsageError, type CommandContext } from './command.ts';

const BUILD_DEADLINE_MS = 300_000;
const BUILD_TAIL_LINES = 60;
const USERS = [
  { userId: 1, username: 'alice' },
  { userId: 2, username: 'bob' },
];
const TOKEN_LIFE_S = 12 * 3_600;
const PLAYGROUND_PORT = 8088;

/**
 * `npm start [-- --fresh]`: parts, build, migration, apps, until Ctrl-C. `--fresh` forgets the rooms of earlier runs.
 * Exit status 0 when the user stopped it, 1 when something did not start.
 */
export async function startCommand(command: CommandContext): Promise<number> {
  const { config, args, interrupted, say } = command;
  const { values } = parseArgs({ args: [...args], options: { fresh: { type: 'boolean', default: false } } });
  const { localDir } = config;
  const lock = tryLock(join(localDir, 'start.lock'));
  if ('owner' in lock) throw new UsageError(alreadyRunning(readStackFile(localDir), lock.owner.pid));
  const run = new Run({ runsDir: join(localDir, 'runs'), env: config.env });
  const apps = new AppGroup({ run, rootDir: config.rootDir, logDir: join(localDir, 'logs'), say });
  try {
    await endLeftovers(join(localDir, 'runs'));
    run.owns(stackFilePath(localDir));
    removeStackFile(localDir);
    if (values.fresh) rmSync(join(localDir, 'data/start'), { recursive: true, force: true });
    await unlessInterrupted(bringUp(command, run, apps), interrupted);
    await whenInterrupted(interrupted);
    return 0;
  } catch (error) {
    if (error instanceof Interruption) return 0;
    throw error;
  } finally {
    if (interrupted.aborted) say('\nStopping (an app may take up to 25 s to finish its work)');
    removeStackFile(localDir);
    await apps.stop();
    await run.close();
    lock.release();
  }
}

async function bringUp({ config, say }: CommandContext, run: Run, apps: AppGroup): Promise<void> {
  const { rootDir, localDir, cacheDir } = config;
  const ports = new Ports();
  const logDir = join(localDir, 'logs');
  const context = {
    run,
    ports,
    rootDir,
    cacheDir,
    dataDir: join(localDir, 'data/start'),
    logDir,
    isDurable: true,
    usesStandardPorts: true,
    say,
  };
  say('Starting Postgres, Redis and Kafka, and building the apps');
  const [parts] = await Promise.all([openParts(context, config), build(run, config)]);
  await migrate(run, rootDir, parts.postgres.url);
  say('Starting the apps');
  const playgroundPort = await takePort({ ports, wanted: PLAYGROUND_PORT, name: 'the playground', say });
  const playgroundUrl = playgroundOrigin(playgroundPort);
  const addresses = {
    databaseUrl: parts.postgres.url,
    redisUrl: parts.redis.url,
    kafkaBrokers: parts.kafka.url,
    jwtSecret: config.jwtSecret ?? readOrCreateJwtSecret(localDir),
    allowedOrigins: [playgroundUrl, ...config.allowedOrigins],
  };
  const publish = () => writeStackFile(localDir, describeStack(addresses, parts, apps));
  await apps.start(APP_INSTANCES, { ports, usesStandardPorts: true, addresses, onRestart: publish });
  publish();
  const stack = describeStack(addresses, parts, apps);
  const closePlayground = await serveControl({
    port: playgroundPort,
    pageDir: join(rootDir, 'apps/playground/dist'),
    apps,
    stack: { restUrl: stack.restUrl, gateways: gatewaysOf(apps), jwtSecret: addresses.jwtSecret },
    users: USERS,
  });
  run.beforehand(closePlayground);
  const users = USERS.map((user) => ({
    ...user,
    token: createToken({ ...user, expiresInS: TOKEN_LIFE_S }, addresses.jwtSecret),
  }));
  say(welcome({ stack, playgroundUrl, users, logDir: relative(process.cwd(), logDir) }));
}

async function build(run: Run, { rootDir, toolEnv }: LocalConfig): Promise<void> {
  await run.exec({
    name: 'build of the apps',
    command: 'nx',
    args: ['run-many', '-t', 'build', '-p', [...appNames(), 'playground'].join(','), '--outputStyle=static'],
    cwd: rootDir,
    env: toolEnv,
    deadlineMs: BUILD_DEADLINE_MS,
    tailLines: BUILD_TAIL_LINES,
  });
}

function describeStack(
  { databaseUrl, redisUrl, kafkaBrokers, jwtSecret }: StackAddresses,
  parts: Parts,
  apps: AppGroup,
): StackFile {
  const started = Object.values(parts).flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid] as const]));
  const restApi = apps.placed.find(({ app }) => app === 'rooms-api');
  if (restApi === undefined) throw new Error('There is no rooms-api in the stack');
  return {
    restUrl: url('http', restApi.ports.public),
    internalUrl: url('http', restApi.ports.internal),
    wsUrls: gatewaysOf(apps).map(({ wsUrl }) => wsUrl),
    databaseUrl,
    redisUrl,
    kafkaBrokers,
    jwtSecret,
    pids: { ...apps.pids(), ...Object.fromEntries(started) },
    internalUrls: Object.fromEntries(apps.placed.map(({ name, ports }) => [name, url('http', ports.internal)])),
  };
}

function gatewaysOf({ placed }: AppGroup): { readonly name: string; readonly wsUrl: string }[] {
  const gateways = placed.filter(({ app }) => app === 'ws-gateway');
  return gateways.map(({ name, ports }) => ({ name, wsUrl: `${url('ws', ports.public)}/ws` }));
}

function url(protocol: string, port: number | null): string {
  return `${protocol}://127.0.0.1:${port}`;
}

function alreadyRunning(stack: StackFile | null, pid: number): string {
  return stack === null
    ? `The chat of this clone is just being started or stopped by process ${pid}.`
    : `The chat of this clone runs already at ${stack.restUrl} (process ${pid}).`;
}
