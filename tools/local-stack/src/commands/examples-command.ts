import type { Run } from '../processes/run.ts';
import { UsageError, type CommandContext } from './command.ts';
import { inLanguageRun, runLanguages } from './language-run.ts';
import { openOwnParts } from './own-parts.ts';

const HARNESS = { name: 'test:examples', program: 'apps/chat-interop/src/examples/main.ts' };
const PREPARE_DEADLINE_MS = 20 * 60_000;
const READ_DEADLINE_MS = 5 * 60_000;

/**
 * `npm run test:examples`: the programs of docs/examples read records of a Kafka of the run's own. Exit status 0 when each
 * judged every record as it should, 1 when one did not or a language is missing, 128 + signal when interrupted.
 */
export async function examplesCommand(command: CommandContext): Promise<number> {
  if (command.args.length > 0) throw new UsageError('test:examples takes no words: it runs all examples');
  return inLanguageRun(command, (run) => runExamples(command, run));
}

async function runExamples(command: CommandContext, run: Run): Promise<void> {
  command.say('Fetching and building the examples (what is there already stays)');
  await runLanguages(command, run, { ...HARNESS, verb: 'prepare', deadlineMs: PREPARE_DEADLINE_MS });
  command.say('Starting Kafka');
  const { env } = await openOwnParts(command, run, 'examples');
  await runLanguages(command, run, { ...HARNESS, verb: 'run', deadlineMs: READ_DEADLINE_MS, env });
}
