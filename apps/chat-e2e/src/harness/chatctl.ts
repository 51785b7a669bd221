import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processGuardian } from '@chat/testing';
import type { ChatAddresses } from './chat-addresses.ts';
import type { StackJson } from './local-stack.ts';
import { partsEnvironment } from './shared-environment.ts';

export const ROOT_DIR = join(import.meta.dirname, '../../../..');
const MAIN = join(ROOT_DIR, 'tools/chatctl/src/main.ts');
/** Longest run of a command, in ms. */
const DEADLINE_MS = 40_000;

/** How a command ended. `code` is null where it had to be killed. */
export interface CommandRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  /** Instead of, or beside, what the environment has; undefined leaves a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A process whose output is kept, and how it ends. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<CommandRun>;
}

/** Starts a program; it is killed past the deadline, and with the tests. */
export function startCommand(
  command: string,
  args: readonly string[],
  { env, cwd = ROOT_DIR, stdin }: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string; readonly stdin?: string },
): RunningCommand {
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const { pid } = child;
  if (pid !== undefined) processGuardian().watch(pid);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part: Buffer) => (stdout += part.toString('utf8')));
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString('utf8')));
  child.stdin.on('error', () => undefined); // it may end before it has read all
  if (stdin !== undefined) child.stdin.end(stdin);
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  const ended = new Promise<CommandRun>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      if (pid !== undefined) processGuardian().release(pid);
      resolve({ code, stdout, stderr });
    });
  });
  return { child, output: () => ({ stdout, stderr }), ended };
}

/** chatctl as a user of the local stack would run it, on a chat that stands in the place of that stack. */
export class Chatctl {
  readonly #localDir = mkdtempSync(join(tmpdir(), 'chatctl-'));
  readonly env: NodeJS.ProcessEnv;

  constructor(chat: ChatAddresses) {
    writeFileSync(join(this.#localDir, 'stack.json'), JSON.stringify(stackOf(chat)));
    this.env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      CHAT_LOCAL_DIR: this.#localDir,
      ...partsEnvironment(chat),
    };
  }

  start(args: readonly string[], { stdin, env }: RunOptions = {}): RunningCommand {
    const command = ['--conditions=@chat/source', '--disable-warning=ExperimentalWarning', MAIN, ...args];
    return startCommand(process.execPath, command, {
      env: { ...this.env, ...env },
      ...(stdin !== undefined && { stdin }),
    });
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<CommandRun> {
    return this.start(args, { stdin: '', ...options }).ended;
  }

  cleanUp(): void {
    rmSync(this.#localDir, { recursive: true, force: true });
  }
}

function stackOf(chat: ChatAddresses): StackJson {
  const { restUrl, internalUrl, wsUrls, jwtSecret, kafkaBrokers, redisUrl, databaseUrl, pids, internalUrls } = chat;
  return { restUrl, internalUrl, wsUrls, jwtSecret, kafkaBrokers, redisUrl, databaseUrl, pids, internalUrls };
}
