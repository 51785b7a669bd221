import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withSection } from '@chat/testing';
import { chooseClients, versionOf, type InteropClient } from './client-table.ts';
import { readConfig, readStack, type StackUnderTest } from './config.ts';
import type { ClientProgram } from './languages/language.ts';
import { languageVersions, prepareClients } from './prepare-clients.ts';
import { isPassed, reportText, SECTION, type ClientReport } from './report-text.ts';
import { createOwnRoom, historyResult } from './room.ts';
import { runClient } from './run-client.ts';
import { runProgram } from './run-program.ts';
import type { StepResult } from './steps.ts';

// `node main.ts prepare|run [--client name]… [--write]`, started by `npm run test:interop`. `prepare` only fetches and
// builds the clients. Exit status 0: every step is ok or one that the client cannot do, 1: one failed.

const IDLE_MS = 60_000;
/** The default of the gateways. */
const HEART_BEAT_MS = 10_000;
/** A gateway answers within 5 s; a client may still have to warm up. */
const ANSWER_MS = 10_000;
const PROJECT_DIR = join(import.meta.dirname, '..');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    client: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
  },
});
await runProgram(main);

async function main(): Promise<number> {
  const { rootDir, cacheDir } = readConfig(process.env);
  const clients = chooseClients(values.client);
  const programs = await prepareClients(clients, { projectDir: PROJECT_DIR, cacheDir });
  if (positionals[0] === 'prepare') return 0;
  const stack = readStack(process.env);
  console.log(`\n${clients.length} clients at once, idle for ${IDLE_MS / 1000} s`);
  const reports = await Promise.all(clients.map((client, at) => examine(client, at, programs, stack)));
  const date = new Date().toISOString().slice(0, 10);
  const text = reportText(reports, { date, idleMs: IDLE_MS, languages: await languageVersions(clients) });
  console.log(`\n${text}`);
  if (values.write) {
    const file = join(rootDir, 'docs/interop.md');
    writeFileSync(file, withSection(readFileSync(file, 'utf8'), SECTION, text));
  }
  return isPassed(reports) ? 0 : 1;
}

/** Neighbours in the table talk to different gateways. */
async function examine(
  client: InteropClient,
  at: number,
  programs: ReadonlyMap<string, ClientProgram>,
  stack: StackUnderTest,
): Promise<ClientReport> {
  const program = programs.get(client.name);
  if (program === undefined) throw new Error(`${client.name} was not prepared`);
  const room = await createOwnRoom(stack, at + 1);
  const url = stack.wsUrls[at % stack.wsUrls.length] ?? '';
  const { id: roomId, token } = room;
  const times = { idleMs: IDLE_MS, heartBeatMs: HEART_BEAT_MS, answerMs: ANSWER_MS };
  const tell = (result: StepResult) => console.log(lineOf(client.name, result));
  const results = await runClient(program, { url, token, roomId, ...times }, tell);
  const history = await historyResult(stack, room, results);
  tell(history);
  const version = versionOf(client, PROJECT_DIR);
  return { title: client.title, version, results: [...results, history] };
}

function lineOf(name: string, { step, outcome, note }: StepResult): string {
  return `${name.padEnd(10)} ${step.padEnd(22)} ${outcome}${note === null ? '' : `: ${note}`}`;
}
