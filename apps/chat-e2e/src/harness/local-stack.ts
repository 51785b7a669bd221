import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processGuardian } from '@chat/testing';

const ROOT_DIR = join(import.meta.dirname, '../../../..');
/** What npm scripts run. */
const RUN_SCRIPT = join(ROOT_DIR, 'tools/local-stack/bin/run.mjs');
const CHATCTL_SCRIPT = join(ROOT_DIR, 'tools/chatctl/bin/chatctl.mjs');
/** Longest run of a command that comes back by itself, in ms. */
const COMMAND_DEADLINE_MS = 60_000;

/** `.local/stack.json` as the issue of the local stack documents it. */
export interface StackJson {
  readonly restUrl: string;
  readonly internalUrl: string;
  readonly wsUrls: readonly string[];
  readonly jwtSecret: string;
  readonly kafkaBrokers: string;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly pids: Readonly<Record<string, number>>;
  readonly internalUrls: Readonly<Record<string, string>>;
}

export interface CommandEnd {
  readonly code: number | null;
  readonly output: string;
}

/** Open to other users, or Postgres, which root runs as another, would keep its data elsewhere, where nobody deletes it. */
function makeReachableFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chat-start-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** `npm start` and its relatives with a local folder of their own, so beside whatever else runs in this clone. */
export class LocalStack {
  readonly #localDir = makeReachableFolder();
  readonly #logFile = join(this.#localDir, 'start-output.log');
  #process: ChildProcess | null = null;
  #ended: Promise<number | null> = Promise.resolve(null);

  /** `npm start`; goes on until it is told to stop. */
  start(): void {
    const log = openSync(this.#logFile, 'a');
    const child = spawn(process.execPath, [RUN_SCRIPT, 'start'], {
      cwd: ROOT_DIR,
      env: this.#env(),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const { pid } = child;
    if (pid !== undefined) processGuardian().watch(pid);
    this.#process = child;
    this.#ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => {
        if (pid !== undefined) processGuardian().release(pid);
        this.#process = null;
        resolve(code);
      });
    });
  }

  get isRunning(): boolean {
    return this.#process !== null;
  }

  /** What it has printed so far. */
  get output(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : '';
  }

  /** `stack.json`, or null where there is none. */
  readStack(): StackJson | null {
    const file = join(this.#localDir, 'stack.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StackJson) : null; // the documented shape
  }

  /** Ctrl-C; resolves to the exit status. */
  async interrupt(): Promise<number | null> {
    this.#process?.kill('SIGINT');
    return this.#ended;
  }

  /** Another command of the local stack. */
  run(...args: readonly string[]): Promise<CommandEnd> {
    return this.#execute(RUN_SCRIPT, args);
  }

  /** chatctl, which takes this stack for that of its clone. */
  chatctl(...args: readonly string[]): Promise<CommandEnd> {
    return this.#execute(CHATCTL_SCRIPT, args);
  }

  async #execute(script: string, args: readonly string[]): Promise<CommandEnd> {
    const options = { cwd: ROOT_DIR, env: this.#env(), timeout: COMMAND_DEADLINE_MS };
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, ...args], options);
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number | null; stdout: string; stderr: string }; // of execFile
      return { code, output: stdout + stderr };
    }
  }

  /** Ends it in any state and removes its folder. */
  async cleanUp(): Promise<void> {
    await this.interrupt();
    rmSync(this.#localDir, { recursive: true, force: true });
  }

  /** Nothing of the environment of this test run but what any shell has: parts named there would be used. */
  #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      CHAT_LOCAL_DIR: this.#localDir,
      CHAT_PARTS: 'process',
    };
  }
}
