import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { pause, waitUntil } from '../wait.ts';
import { readTail } from './log-tail.ts';
import { isGroupRunning, signalGroup } from './process-identity.ts';

/** What to run. */
export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Receives stdout and stderr; without it they go to `onOutput`. */
  readonly logFile?: string;
  /** Whether the log keeps what is in it; it is emptied otherwise. */
  readonly keepsLog?: boolean;
  readonly onOutput?: (chunk: Buffer) => void;
  /** Unprivileged user to run as, for root only. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
  /** Asks the process to stop; SIGTERM unless given. */
  readonly stopSignal?: NodeJS.Signals;
  /** From that signal to SIGKILL, in ms; 10 s unless given. */
  readonly stopGraceMs?: number;
}

/** How a process ended; `error` when it never started. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

const STOP_GRACE_MS = 10_000;
/** From a process's end to the end of reading its output, in ms. */
const OUTPUT_GRACE_MS = 1_000;

/** A process in a process group (and session) of its own, so that a terminal's Ctrl-C does not reach it. */
export class Child {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
  /** Resolves once the process has ended; never rejects. */
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;
  readonly #spec: ChildSpec;
  #end: ChildEnd | null = null;
  #stopping: Promise<void> | null = null;

  constructor(spec: ChildSpec) {
    this.name = spec.name;
    this.stopSignal = spec.stopSignal ?? 'SIGTERM';
    this.#spec = spec;
    this.#process = start(spec);
    const { promise, resolve } = Promise.withResolvers<ChildEnd>();
    this.ended = promise;
    const settle = (end: ChildEnd) => {
      this.#end ??= end;
      resolve(this.#end);
    };
    this.#process.once('error', (error) => settle({ code: null, signal: null, error }));
    this.#process.once('close', (code, signal) => settle({ code, signal }));
    // A grandchild may hold the output open for ever.
    this.#process.once('exit', (code, signal) => void pause(OUTPUT_GRACE_MS).then(() => settle({ code, signal })));
  }

  /** 0 when the process could not be started; `ended` tells why. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get end(): ChildEnd | null {
    return this.#end;
  }

  /** Whether it was asked to stop. */
  get isStopping(): boolean {
    return this.#stopping !== null;
  }

  /** The last lines of its log, for a message that says why it failed. */
  logTail(): string {
    return this.#spec.logFile === undefined ? '' : readTail(this.#spec.logFile);
  }

  /** Asks the whole group to stop, kills it when the grace is over, resolves once the process has ended. */
  stop(signal: NodeJS.Signals = this.stopSignal): Promise<void> {
    this.#stopping ??= this.#stopNow(signal);
    return this.#stopping;
  }

  async #stopNow(signal: NodeJS.Signals): Promise<void> {
    if (this.pid === 0) return;
    const deadlineMs = this.#spec.stopGraceMs ?? STOP_GRACE_MS;
    if (signalGroup(this.pid, signal)) {
      await waitUntil(async () => !isGroupRunning(this.pid), { deadlineMs });
      signalGroup(this.pid, 'SIGKILL');
    }
    await this.ended;
  }
}

/** "exit code 1", "SIGKILL" or the reason why it never started. */
export function describeEnd(end: ChildEnd): string {
  if (end.error) return end.error.message;
  return end.signal ?? `exit code ${end.code}`;
}

function start(spec: ChildSpec): ChildProcess {
  const { logFile, onOutput } = spec;
  const output = logFile === undefined ? 'pipe' : openLog(logFile, spec.keepsLog === true);
  try {
    const child = spawn(spec.command, spec.args, {
      env: spec.env,
      detached: true,
      stdio: ['ignore', output, output],
      ...(spec.cwd !== undefined && { cwd: spec.cwd }),
      ...spec.runAs,
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => onOutput?.(chunk));
    return child;
  } finally {
    if (typeof output === 'number') closeSync(output);
  }
}

function openLog(file: string, keeps: boolean): number {
  mkdirSync(dirname(file), { recursive: true });
  return openSync(file, keeps ? 'a' : 'w');
}
