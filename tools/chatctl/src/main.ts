import { Interruption, listenForInterruption } from '@chat/local-stack/interruption';
import { CommanderError } from '@commander-js/extra-typings';
import { isVerbose, readEnvironment, type GlobalOptions } from './config.ts';
import type { CommandContext } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { exitCodeOf, FailedQuietly, failureOf, ReaderGone, toldLines } from './failure.ts';
import { createOutput, type Output } from './output/output.ts';
import { createProgram } from './program.ts';

/** Commands that go on until they are told to end: Ctrl-C is how they are done. */
const ENDLESS = ['tail', 'presence', 'chat'];

const { stdin, stdout, stderr } = process;
const isJson = process.argv.includes('--json');
const output = createOutput({ stdout, stderr, isJson });
const ended = new AbortController();
const interrupted = listenForInterruption();
interrupted.addEventListener('abort', () => ended.abort(interrupted.reason), { once: true });

// A reader who has enough, as `head` has, ends the command; a terminal that was closed as well.
stdout.on('error', () => ended.abort(new ReaderGone()));
stderr.on('error', () => undefined);

// What a command does not wait for may fail as well.
process.on('uncaughtException', (error) => {
  tell(error, output);
  process.exit(exitCodeOf(error));
});

process.exit(await main());

async function main(): Promise<number> {
  const program = createProgram({
    run,
    writeOut: (text) => void stdout.write(text),
    writeErr: (text) => void stderr.write(text),
  });
  try {
    await program.parseAsync();
    return EXIT_CODES.done.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.done.code : EXIT_CODES.usage.code;
    if (error instanceof Interruption && ENDLESS.includes(program.args[0] ?? '')) return EXIT_CODES.done.code;
    tell(error, output);
    return exitCodeOf(error);
  }
}

async function run(options: GlobalOptions, work: (context: CommandContext) => Promise<void> | void): Promise<void> {
  await work({ options, environment: readEnvironment(process.env), output, stdin, interrupted: ended.signal });
}

/** What went wrong, once. */
function tell(error: unknown, { note, paintNote }: Output): void {
  if (error instanceof FailedQuietly || error instanceof ReaderGone || error instanceof Interruption) return;
  if (isJson) return note(JSON.stringify({ error: failureOf(error) }));
  const [sentence, ...rest] = toldLines(error, isVerbose(process.argv, process.env));
  note(paintNote('red', sentence));
  rest.forEach(note);
}
