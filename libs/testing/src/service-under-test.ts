import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { processGuardian } from './process-guardian.ts';

/** Longest wait from the start of a process to its first 200 on `readyUrl`, in ms. */
const READY_DEADLINE_MS = 30_000;
/** Time between two looks at `readyUrl`, and the longest wait for one answer, in ms. */
const PROBE_EVERY_MS = 100;
const PROBE_DEADLINE_MS = 3_000;
/** From SIGTERM to exit at most: what an app promises, in ms. */
export const STOP_DEADLINE_MS = 25_000;
/** Lines of its log that a failure shows. */
const TAIL_LINES = 40;

const NODE = [process.execPath, '--enable-source-maps'] as const;

/** One app as a process of its own. */
export interface ServiceUnderTestOptions {
  /** Said in failures. */
  readonly name: string;
  /** Built file to run. */
  readonly script: string;
  /** Program that runs it, with the words before its name; this Node by default. */
  readonly runtime?: readonly [program: string, ...words: string[]];
  /** The whole environment of the process, but for PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Its output goes here; a restart goes on where the process before it stopped. */
  readonly logFile: string;
  /** Answers 200 once the app can take work. */
  readonly readyUrl: string;
  /** From the start of the process to that, in ms; 30,000 by default. */
  readonly readyDeadlineMs?: number;
}

/** How a process ended: exit status or signal, and the ms from the order to end. */
export interface ServiceEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly tookMs: number;
}

interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Omit<ServiceEnd, 'tookMs'>>;
}

/** Starts, ends and restarts a built app, always with the same environment and so on the same ports. */
export class ServiceUnderTest {
  readonly #options: ServiceUnderTestOptions;
  #script: string;
  #running: Running | null = null;

  constructor(options: ServiceUnderTestOptions) {
    this.#options = options;
    this.#script = options.script;
  }

  get name(): string {
    return this.#options.name;
  }

  get logFile(): string {
    return this.#options.logFile;
  }

  /** Of the process that runs; throws when none does. */
  get pid(): number {
    const pid = this.#running?.process.pid;
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** From its next start on it is another built file. */
  runFrom(script: string): void {
    this.#script = script;
  }

  /** Starts the process and waits until it is ready; otherwise kills it and throws with the tail of its log. */
  async start(): Promise<void> {
    const running = this.#launch();
    try {
      await this.#becomeReady(running);
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Starts the process and waits for nothing: for an app whose dependencies may be away. */
  launch(): void {
    this.#launch();
  }

  /** SIGKILL; resolves when the process is gone. Nothing to do when none runs. */
  async kill(): Promise<void> {
    if (this.#running !== null) await this.#endBy('SIGKILL', STOP_DEADLINE_MS);
  }

  /** SIGTERM; resolves to how the process ended, and rejects, after a SIGKILL, when it takes longer than promised. */
  async terminate(): Promise<ServiceEnd> {
    if (this.#running === null) throw new Error(`${this.name} does not run`);
    return this.#endBy('SIGTERM', STOP_DEADLINE_MS);
  }

  /** Any other signal, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  readLog(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  /** The last lines of the log, with the name of the app before them. */
  tail(): string {
    return `${this.name}, end of its log:\n${this.readLog().trimEnd().split('\n').slice(-TAIL_LINES).join('\n')}`;
  }

  #launch(): Running {
    if (this.#running !== null) throw new Error(`${this.name} runs already`);
    if (!existsSync(this.#script)) throw new Error(`${this.#script} is missing: build the apps first (npm run build)`);
    return (this.#running = this.#spawn());
  }

  #spawn(): Running {
    const { runtime = NODE, env, logFile } = this.#options;
    const [program, ...words] = runtime;
    const log = openSync(logFile, 'a');
    const child = spawn(program, [...words, this.#script], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const { pid } = child;
    if (pid !== undefined) processGuardian().watch(pid);
    const ended = new Promise<Omit<ServiceEnd, 'tookMs'>>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const running: Running = { process: child, ended };
    const forget = () => {
      if (pid !== undefined) processGuardian().release(pid);
      if (this.#running === running) this.#running = null;
    };
    ended.then(forget, forget);
    return running;
  }

  async #becomeReady(running: Running): Promise<void> {
    const { readyUrl, readyDeadlineMs = READY_DEADLINE_MS } = this.#options;
    const endAt = performance.now() + readyDeadlineMs;
    while (!(await answersReady(readyUrl))) {
      if (this.#running !== running) throw new Error(`${this.name} ended before it was ready\n${this.tail()}`);
      if (performance.now() > endAt) {
        throw new Error(`${this.name} was not ready after ${readyDeadlineMs} ms\n${this.tail()}`);
      }
      await pause(PROBE_EVERY_MS);
    }
  }

  async #endBy(signal: NodeJS.Signals, deadlineMs: number): Promise<ServiceEnd> {
    const running = this.#running;
    if (running === null) throw new Error(`${this.name} does not run`);
    const startedAt = performance.now();
    running.process.kill(signal);
    const end = await Promise.race([running.ended, pause(deadlineMs, null, { ref: false })]);
    if (end === null) {
      running.process.kill('SIGKILL');
      await running.ended;
      throw new Error(`${this.name} had not ended ${deadlineMs} ms after ${signal}\n${this.tail()}`);
    }
    return { ...end, tookMs: performance.now() - startedAt };
  }
}

async function answersReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false; // nobody listens yet
  }
}
