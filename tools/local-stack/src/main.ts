import { readConfig } from './config.ts';
import { UsageError, type CommandContext } from './commands/command.ts';
import { alertsCommand } from './commands/alerts-command.ts';
import { benchCommand } from './commands/bench-command.ts';
import { BENCHES } from './commands/bench-table.ts';
import { fuzzCommand } from './commands/fuzz-command.ts';
import { helmCommand, imageCommand } from './commands/deployment-commands.ts';
import { examplesCommand } from './commands/examples-command.ts';
import { faultsCommand, restoreCommand, upgradeCommand } from './commands/faults-command.ts';
import { interopCommand } from './commands/interop-command.ts';
import { partsCommand } from './commands/parts-command.ts';
import { springCloudCommand } from './commands/spring-cloud-command.ts';
import { startCommand } from './commands/start-command.ts';
import { testCommand } from './commands/test-command.ts';
import { Interruption, listenForInterruption } from './interruption.ts';
import { StartError } from './parts/part.ts';
import { TaskError } from './processes/run.ts';
import { SECTIONS } from './sections/section-table.ts';

type Command = (context: CommandContext) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  start: startCommand,
  test: testCommand,
  bench: benchCommand,
  faults: faultsCommand,
  upgrade: upgradeCommand,
  restore: restoreCommand,
  interop: interopCommand,
  examples: examplesCommand,
  alerts: alertsCommand,
  helm: helmCommand,
  'spring-cloud': springCloudCommand,
  image: imageCommand,
  fuzz: fuzzCommand,
  parts: partsCommand,
};

const USAGE: Readonly<Record<string, string>> = {
  start: 'npm start [-- --fresh]: parts, build, migration, all apps, until Ctrl-C; --fresh forgets the rooms so far',
  test: `npm test [-- section…]: all checks, or these sections of ${SECTIONS.map(({ name }) => name).join(', ')}`,
  bench: `npm run bench [-- bench…] [--quick] [--write] [--profile]: all benches, or these of ${BENCHES.map(({ name }) => name).join(', ')}; --quick shows only that they work, --write keeps the figures in docs/performance.md, --profile says where the apps spend their time`,
  faults:
    'npm run test:faults [-- --fault F5 --seed 7 --minutes 10 --clients 40 --rooms 8 --rate 200 | --replay <file>]: breaks the system under load and judges what was seen; --replay only judges a history',
  upgrade:
    'npm run test:upgrade [-- --from <ref> --feed interest --seed 7]: a chat of an older commit is brought to this one, and back, under load; by default from the newest tag, else from before the newest migration',
  restore:
    'npm run test:restore [-- --seed 7]: Postgres is restored from a backup under load, and must have everything again that is in Kafka',
  interop:
    'npm run test:interop [-- --client stompjs-7 --client go-stomp] [--write]: stock STOMP clients of several languages against the apps, all or those named; --write keeps the table in docs/interop.md',
  examples:
    'npm run test:examples: the programs of docs/examples in Python and Java read records of a real Kafka by the JSON Schemas',
  helm: 'npm run test:helm: the Helm chart against the schemas of Kubernetes, the compose file and the Dockerfile against their own tools; needs Go and Python',
  alerts:
    'npm run test:alerts: promtool checks and tests the alert rules; a real Prometheus scrapes the apps and answers every query of dashboards, alerts and runbooks',
  'spring-cloud':
    'npm run test:spring-cloud [-- -t drain]: the apps among a Eureka server, a config server and Spring Cloud Gateway; words go to vitest',
  image:
    'npm run test:image: does the steps of the Dockerfile without an engine, and starts each app of what came out; needs root on Linux',
  fuzz: 'npm run test:fuzz [-- --minutes 2 --seed 7]: requests and STOMP sessions made up from the documents, by fast-check and schemathesis, each kind for so long; the apps bear all of it',
  parts: 'npm run parts [-- --fresh]: Postgres, Redis and Kafka until Ctrl-C; --fresh makes the database anew',
};

const [name = '', ...args] = process.argv.slice(2);

// A terminal that was closed must not keep us from stopping what we started.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exit(await run());

async function run(): Promise<number> {
  const command = COMMANDS[name];
  if (command === undefined) {
    console.error(`Unknown command ${JSON.stringify(name)}; there are ${Object.keys(COMMANDS).join(', ')}.`);
    return 2;
  }
  if (args.includes('--help')) {
    console.log(USAGE[name]);
    return 0;
  }
  try {
    const config = readConfig(process.env);
    return await command({ config, args, interrupted: listenForInterruption(), say: (line) => console.log(line) });
  } catch (error) {
    if (error instanceof Interruption) return error.exitCode;
    console.error(describe(error));
    return 1;
  }
}

/** What went wrong, for a user: known failures say it themselves, others need the place in the code. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExpected = error instanceof UsageError || error instanceof StartError || error instanceof TaskError;
  return isExpected || isRefusedOption(error) ? error.message : (error.stack ?? error.message);
}

/** Thrown by `parseArgs`. */
function isRefusedOption(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}
