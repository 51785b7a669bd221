import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { inTime } from '@chat/testing';

/** Longest that a process may take to end once its stdin has, in ms; then it is killed. */
const END_DEADLINE_MS = 5_000;

/**
 * A process that is told one line on stdin and tells one on stdout at a time, each a word and what belongs to it. The word
 * "failed", or an end that was not asked for, fails every wait from there on. It ends when its stdin does, and so never
 * outlives this process.
 */
export class LineProcess {
  readonly #name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #exited: Promise<void>;
  readonly #heard = new Map<string, string[]>();
  readonly #listeners = new Map<string, (rest: string) => void>();
  #wake = Promise.withResolvers<void>();
  #failure: Error | null = null;
  #isEnding = false;

  constructor(name: string, command: string, args: readonly string[]) {
    this.#name = name;
    this.#child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin.on('error', (error) => this.#fail(error.message));
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#fail(error.message)).once('error', () => resolve());
      this.#child.once('exit', (code, signal) => {
        if (!this.#isEnding) this.#fail(`it ended with ${code ?? signal}`);
        resolve();
      });
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(line));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} did not start`);
    return this.#child.pid;
  }

  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Calls the listener with what belongs to the word, instead of keeping it for `next`. */
  listen(word: string, listener: (rest: string) => void): void {
    this.#listeners.set(word, listener);
  }

  /** What belongs to the next such word, whether it was said already or not; rejects after `deadlineMs`. */
  next(word: string, deadlineMs: number): Promise<string> {
    const wait = async () => {
      for (;;) {
        if (this.#failure !== null) throw this.#failure;
        const rest = this.#heard.get(word)?.shift();
        if (rest !== undefined) return rest;
        await this.#wake.promise;
      }
    };
    return inTime(wait, deadlineMs, () => new Error(`${this.#name} did not say "${word}" within ${deadlineMs} ms`));
  }

  /** Throws what has failed so far. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_DEADLINE_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #hear(line: string): void {
    const [word = '', rest = ''] = /^(\S+) ?(.*)$/.exec(line)?.slice(1) ?? [];
    if (word === 'failed') return this.#fail(rest);
    const listener = this.#listeners.get(word);
    if (listener !== undefined) return listener(rest);
    this.#heard.set(word, [...(this.#heard.get(word) ?? []), rest]);
    this.#wakeAll();
  }

  #fail(reason: string): void {
    this.#failure ??= new Error(`${this.#name} failed: ${reason}`);
    this.#wakeAll();
  }

  #wakeAll(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
