import { parseArgs } from 'node:util';
import type { AppGroup } from '../apps/app-group.ts';
import type { Run } from '../processes/run.ts';
import { UsageError, type CommandContext } from './command.ts';
import { inLanguageRun, runLanguages } from './language-run.ts';
import { openOwnApps } from './own-apps.ts';

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
  const { apps, jwtSecret } = await openOwnApps(command, run, 'interop');
  const env = environmentOf(apps, jwtSecret);
  await runLanguages(command, run, { ...HARNESS, verb: 'run', deadlineMs: CLIENTS_DEADLINE_MS, env });
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
