import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, describeEnd, type ChildSpec } from './child.ts';
import { identify } from './process-identity.ts';
import { endRun, RUN_IDS, writeLedger, type LedgerChild } from './run-ledger.ts';

/** What to run to its end. */
export interface TaskSpec extends ChildSpec {
  /** From its start to being stopped, in ms. */
  readonly deadlineMs: number;
  /** How much of its output the message of a failure has; 25 lines unless given. */
  readonly tailLines?: number;
}

const TAIL_LINES = 25;

/** A program did not do what it was run for; the message ends with the last lines of its output. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
}

/**
 * Everything that one command starts. Whatever happens to this process, its children end: `close` ends them in an
 * orderly way, a guardian process when this one is killed, the next run of the same clone when both are.
 */
export class Run {
  readonly id = randomUUID();
  readonly #ledgerFile: string;
  readonly #paths: string[] = [];
  readonly #closings: (readonly string[])[] = [];
  readonly #beforehand: (() => Promise<void>)[] = [];
  readonly #afterwards: (() => Promise<void>)[] = [];
  readonly #children = new Set<Child>();
  readonly #env: NodeJS.ProcessEnv;
  #guardian: ChildProcess | null = null;
  #isClosed = false;

  constructor(options: { runsDir: string; env: NodeJS.ProcessEnv }) {
    mkdirSync(options.runsDir, { recursive: true });
    this.#ledgerFile = join(options.runsDir, `${process.pid}-${this.id}.json`);
    const outer = options.env[RUN_IDS];
    this.#env = { ...options.env, [RUN_IDS]: outer === undefined ? this.id : `${outer},${this.id}` };
  }

  /** The environment of the command with the mark of this run, for its children. */
  get env(): NodeJS.ProcessEnv {
    return this.#env;
  }

  /** A file or folder that is deleted with the run. */
  owns(path: string): void {
    this.#paths.push(path);
    this.#record();
  }

  /** A command line that the end of the run calls, for what is not a process of ours. */
  endsWith(commandLine: readonly string[]): void {
    this.#closings.push(commandLine);
    this.#record();
  }

  /** Work for an orderly end, before the processes are ended: for who would start them again. Its failure is ignored. */
  beforehand(work: () => Promise<void>): void {
    this.#beforehand.push(work);
  }

  /** Work for an orderly end, after the processes and before the files; its failure is ignored. */
  afterwards(work: () => Promise<void>): void {
    this.#afterwards.push(work);
  }

  /** Starts a process that ends with the run. Its environment is that of the command plus `env`. */
  spawn(spec: Omit<ChildSpec, 'env'> & { env?: NodeJS.ProcessEnv }): Child {
    if (this.#isClosed) throw new Error(`${spec.name} is not started: the run is ending`);
    this.#guardian ??= this.#startGuardian();
    const child = new Child({ ...spec, env: { ...this.#env, ...spec.env } });
    this.#children.add(child);
    this.#record();
    void child.ended.then(() => this.#forget(child));
    return child;
  }

  /** Runs a program to its end and returns its output; throws a TaskError when it fails or takes too long. */
  async exec(spec: Omit<TaskSpec, 'env'> & { env?: NodeJS.ProcessEnv }): Promise<string> {
    const chunks: Buffer[] = [];
    const child = this.spawn({ ...spec, onOutput: (chunk) => (spec.onOutput?.(chunk), chunks.push(chunk)) });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      void child.stop();
    }, spec.deadlineMs);
    const end = await child.ended;
    clearTimeout(timer);
    await child.stop(); // what it left in its group
    const output = Buffer.concat(chunks).toString('utf8');
    if (end.code === 0) return output;
    const why = isLate ? `took longer than ${spec.deadlineMs / 1000} s` : describeEnd(end);
    const tail = lastLines(output, spec.tailLines ?? TAIL_LINES);
    throw new TaskError(`${spec.name} failed (${why})${tail === '' ? '' : `:\n${tail}`}`);
  }

  /** Ends everything that still runs, all at once, and deletes the files of the run. Starts nothing from then on. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#beforehand.map((work) => work()));
    this.#isClosed = true;
    await Promise.all([...this.#children].map((child) => child.stop()));
    await Promise.allSettled(this.#afterwards.map((work) => work()));
    await endRun(this.#ledgerFile);
    this.#guardian?.stdin?.end();
  }

  #forget(child: Child): void {
    this.#children.delete(child);
    if (!this.#isClosed) this.#record();
  }

  #record(): void {
    const supervisor = identify(process.pid);
    if (supervisor === null) throw new Error('This process cannot tell its own start time');
    const children = [...this.#children].flatMap((child): LedgerChild[] => {
      const identity = identify(child.pid);
      return identity === null ? [] : [{ name: child.name, stopSignal: child.stopSignal, ...identity }];
    });
    writeLedger(this.#ledgerFile, { id: this.id, supervisor, children, paths: this.#paths, closings: this.#closings });
  }

  #startGuardian(): ChildProcess {
    const program = fileURLToPath(new URL('./guardian.ts', import.meta.url));
    const guardian = spawn(process.execPath, [program, this.#ledgerFile], {
      detached: true,
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    guardian.unref();
    return guardian;
  }
}

function lastLines(text: string, count: number): string {
  return count === 0 ? '' : text.trimEnd().split('\n').slice(-count).join('\n');
}
