import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readIfExists, replaceFile } from '../files.ts';
import { waitUntil } from '../wait.ts';
import {
  findByEnvironment,
  identify,
  isGroupRunning,
  isRunning,
  signalGroup,
  signalProcess,
  signalTree,
  type ProcessIdentity,
} from './process-identity.ts';

/** A child process as the ledger knows it: enough to end it without its supervisor. */
export interface LedgerChild extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
}

/** What one run of a command has started and made: written before it can be lost, removed when all of it is gone. */
export interface RunLedger {
  /** Occurs in the environment of every process of the run. */
  readonly id: string;
  readonly supervisor: ProcessIdentity;
  readonly children: readonly LedgerChild[];
  /** Files and folders that go with the run. */
  readonly paths: readonly string[];
  /** Command lines that end what is not a process of ours, such as containers. */
  readonly closings: readonly (readonly string[])[];
}

/** Environment variable that names the runs a process belongs to, outermost first. */
export const RUN_IDS = 'CHAT_RUN_IDS';

const STOP_GRACE_MS = 10_000;
const CLOSING_DEADLINE_MS = 60_000;

export function writeLedger(file: string, ledger: RunLedger): void {
  replaceFile(file, `${JSON.stringify(ledger, null, 2)}\n`);
}

export function readLedger(file: string): RunLedger | null {
  const text = readIfExists(file);
  return text === null ? null : (JSON.parse(text) as RunLedger); // written by writeLedger
}

/** Ends what is left of a run: its processes, then its closings, then its files, then the ledger. */
export async function endRun(file: string): Promise<void> {
  const ledger = readLedger(file);
  if (ledger === null) return;
  await Promise.all(ledger.children.filter(isRunning).map(endChild));
  await endStragglers(ledger.id);
  if (readLedger(file) === null) return; // the guardian and the next run may both do this
  for (const [command = '', ...args] of ledger.closings) spawnSync(command, args, { timeout: CLOSING_DEADLINE_MS });
  for (const path of ledger.paths) rmSync(path, { recursive: true, force: true });
  rmSync(file, { force: true });
}

/** Ends the leftovers of runs that were killed, named by the files in `folder`. Returns the names of what it ended. */
export async function endLeftovers(folder: string): Promise<string[]> {
  const ended: string[] = [];
  for (const file of ledgerFiles(folder)) {
    const ledger = readLedger(file);
    if (ledger === null || isRunning(ledger.supervisor)) continue;
    ended.push(...ledger.children.filter(isRunning).map(({ name }) => name));
    await endRun(file);
  }
  return ended;
}

/** Processes that left their group but not their environment. */
async function endStragglers(runId: string): Promise<void> {
  const found = () => findByEnvironment(runId);
  const signal = (name: NodeJS.Signals) => {
    const signalled = found().flatMap((pid) => identify(pid) ?? []);
    for (const { pid } of signalled) signalProcess(pid, name);
    return signalled;
  };
  const asked = signal('SIGTERM');
  // one that is ending has no environment any more a little before it is gone
  const isOver = async () => !asked.some(isRunning) && found().length === 0;
  await waitUntil(isOver, { deadlineMs: STOP_GRACE_MS });
  signal('SIGKILL');
}

async function endChild(child: LedgerChild): Promise<void> {
  signalTree(child.pid, 'SIGCONT'); // a stopped process hears nothing, and its children may outlive it
  signalGroup(child.pid, child.stopSignal);
  await waitUntil(async () => !isGroupRunning(child.pid), { deadlineMs: STOP_GRACE_MS });
  signalGroup(child.pid, 'SIGKILL');
}

function ledgerFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
