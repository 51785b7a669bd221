import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { AppGroup } from '../apps/app-group.ts';
import { APP_INSTANCES, appNames } from '../apps/app-table.ts';
import { Ports } from '../ports.ts';
import type { Run } from '../processes/run.ts';
import { UsageError, type CommandContext } from './command.ts';
import { inLanguageRun, runLanguages } from './language-run.ts';
import { openOwnParts } from './own-parts.ts';

const BUILD_DEADLINE_MS = 10 * 60_000;
/** Of the harness. */
const HARNESS = { name: 'test:interop', program: 'apps/chat-interop/src/main.ts' };
const PREPARE_DEADLINE_MS = 20 * 60_000;
const CLIENTS_DEADLINE_MS = 10 * 60_000;
const OPTIONS = {
  client: { type: 'string', multiple: true, default: [] as string[] },
  write: { type: 'boolean', default: false },
} as const;

/** What apps/chat-interop finds in its environment. */
type InteropEnvironment = Readonly<
  Record<'CHAT_INTEROP_REST_URL' | 'CHAT_INTEROP_WS_URLS' | 'CHAT_INTEROP_JWT_SECRET', string>
>;

/**
 * `npm run test:interop [-- --client stompjs-7 --write]`: stock STOMP clients of several languages against the apps, on
 * parts of the run's own. Exit status 0 when every client did all that it can, 1 when a step failed or a language is
 * missing, 128 + signal when interrupted.
 */
export async function interopCommand(command: CommandContext): Promise<number> {
  const { values } = parseArgs({ args: [...command.args], options: OPTIONS });
  if (values.write && values.client.length > 0) {
    throw new UsageError('--write keeps the table of all clients: leave out --client');
  }
  return inLanguageRun(command, (run) => runClients(command, run));
}

/** A missing language is told before anything is built or started. */
async function runClients(command: CommandContext, run: Run): Promise<void> {
  command.say('Fetching and building the clients (what is there already stays)');
  await runLanguages(command, run, { ...HARNESS, verb: 'prepare', deadlineMs: PREPARE_DEADLINE_MS });
  command.say('Starting Postgres, Redis and Kafka, and building the apps');
  const [parts] = await Promise.all([openOwnParts(command, run, 'interop'), build(command, run)]);
  command.say('Starting the apps');
  const { rootDir } = command.config;
  const apps = new AppGroup({ run, rootDir, logDir: parts.logDir, say: command.say });
  run.beforehand(() => apps.stop());
  const addresses = {
    databaseUrl: parts.env.DATABASE_URL,
    redisUrl: parts.env.REDIS_URL,
    kafkaBrokers: parts.env.KAFKA_BROKERS,
    jwtSecret: randomBytes(48).toString('base64url'),
  };
  const onRestart = () => command.say('An app was started again: what its clients saw of it counts');
  await apps.start(APP_INSTANCES, { ports: new Ports(), usesStandardPorts: false, addresses, onRestart });
  const env = environmentOf(apps, addresses.jwtSecret);
  await runLanguages(command, run, { ...HARNESS, verb: 'run', deadlineMs: CLIENTS_DEADLINE_MS, env });
}

async function build({ config }: CommandContext, run: Run): Promise<void> {
  await run.exec({
    name: 'build of the apps',
    command: 'nx',
    args: ['run-many', '-t', 'generate', 'build', '-p', '@chat/database', ...appNames(), '--outputStyle=static'],
    cwd: config.rootDir,
    env: config.toolEnv,
    deadlineMs: BUILD_DEADLINE_MS,
  });
}

function environmentOf({ placed }: AppGroup, jwtSecret: string): InteropEnvironment {
  const portsOf = (app: string) => placed.filter((instance) => instance.app === app).map(({ ports }) => ports.public);
  return {
    CHAT_INTEROP_REST_URL: `http://127.0.0.1:${portsOf('rooms-api')[0]}`,
    CHAT_INTEROP_WS_URLS: portsOf('ws-gateway')
      .map((port) => `ws://127.0.0.1:${port}/ws`)
      .join(','),
    CHAT_INTEROP_JWT_SECRET: jwtSecret,
  };
}
