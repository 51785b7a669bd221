import { Interruption, listenForInterruption } from '@chat/local-stack/interruption';
import { CommanderError } from '@commander-js/extra-typings';
import { readEnvironment, type GlobalOptions } from './config.ts';
import type { CommandContext } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { exitCodeOf, FailedQuietly, failureOf, ReaderGone } from './failure.ts';
import { hintFor } from './hints.ts';
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

/** What went wrong, once: a fault of ours with its place in the code. */
function tell(error: unknown, { note, paintNote }: Output): void {
  if (error instanceof FailedQuietly || error instanceof ReaderGone || error instanceof Interruption) return;
  const failure = failureOf(error);
  if (isJson) return note(JSON.stringify({ error: failure }));
  note(paintNote('red', `${failure.code}: ${failure.message}`));
  const hint = hintFor(failure.code);
  if (hint !== null) note(hint);
  if (failure.code === 'FAILED' && error instanceof Error && error.stack !== undefined) note(error.stack);
}
