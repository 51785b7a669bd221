import { readConfig } from './config.ts';
import { UsageError, type CommandContext } from './commands/command.ts';
import { chatCommand } from './commands/chat-command.ts';
import { partsCommand } from './commands/parts-command.ts';
import { startCommand } from './commands/start-command.ts';
import { testCommand } from './commands/test-command.ts';
import { tokenCommand } from './commands/token-command.ts';
import { Interruption, listenForInterruption } from './interruption.ts';
import { StartError } from './parts/part.ts';
import { TaskError } from './processes/run.ts';

type Command = (context: CommandContext) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  start: startCommand,
  test: testCommand,
  parts: partsCommand,
  token: tokenCommand,
  chat: chatCommand,
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
  return isExpected ? error.message : (error.stack ?? error.message);
}
