import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntilReady } from '../parts/part.ts';
import { describeEnd, type Child } from '../processes/child.ts';
import { signalGroup } from '../processes/process-identity.ts';
import { RestartBudget } from './restart-budget.ts';

/** What an app is kept alive with. */
export interface SupervisedAppOptions {
  readonly name: string;
  /** Starts a process of the app; the log goes on where an earlier process left it if `isRestart`. */
  readonly spawn: (isRestart: boolean) => Child;
  /** Whether the process answers that it is ready. */
  readonly isReady: () => Promise<boolean>;
  /** Called when another process has taken the place of one that ended. */
  readonly onRestart: () => void;
  /** Tells the user one line. */
  readonly say: (line: string) => void;
  readonly budget?: RestartBudget;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

const READY_DEADLINE_MS = 45_000;

/** An app that is started again when it ends, as often as its budget allows, unless it is suspended. */
export class SupervisedApp {
  readonly name: string;
  readonly #options: SupervisedAppOptions;
  readonly #budget: RestartBudget;
  readonly #now: () => number;
  readonly #stopping = new AbortController();
  #child: Child | null = null;
  #watch: Promise<void> = Promise.resolve();
  /** While the app is suspended: resolves when it may start again. */
  #suspension: PromiseWithResolvers<void> | null = null;

  constructor(options: SupervisedAppOptions) {
    this.name = options.name;
    this.#options = options;
    this.#budget = options.budget ?? new RestartBudget();
    this.#now = options.now ?? (() => performance.now());
  }

  /** Of the process that runs, or of the last one while the next is waited for. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isSuspended(): boolean {
    return this.#suspension !== null;
  }

  /** Whether a process of it runs, ready or not. */
  get isRunning(): boolean {
    return this.#child !== null && this.#child.end === null;
  }

  /** Starts the app and waits until it is ready; throws a StartError when it ends or takes too long. */
  async start(): Promise<void> {
    this.#child = this.#options.spawn(false);
    await waitUntilReady(this.#child, this.#options.isReady, READY_DEADLINE_MS);
    this.#watch = this.#restartWhenEnded(this.#child);
  }

  /** SIGKILL to its process, as a crash; it is started again like after any end. */
  kill(): void {
    if (this.isRunning) signalGroup(this.pid, 'SIGKILL');
  }

  /** Ends its process in order, and starts no other until `resume`; resolves once it has ended. */
  async suspend(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#suspension ??= Promise.withResolvers();
    await this.#child?.stop();
  }

  /** Starts a suspended app again, at once. */
  resume(): void {
    this.#suspension?.resolve();
    this.#suspension = null;
  }

  /** Ends the app for good; resolves once its process has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.resume();
    await this.#child?.stop();
    await this.#watch;
  }

  async #restartWhenEnded(first: Child): Promise<void> {
    const { signal } = this.#stopping;
    for (let child = first; ;) {
      const end = await child.ended;
      if (signal.aborted) return;
      const what = `${this.name} ended (${describeEnd(end)})`;
      if (this.#suspension === null) await this.#pause(what);
      if (this.#suspension !== null) {
        this.#options.say(`${what} and stays so until it is asked for`);
        await this.#suspension.promise;
      }
      if (signal.aborted) return;
      child = this.#options.spawn(true);
      this.#child = child;
      this.#options.onRestart();
      this.#options.say(`${what} and is started again as process ${child.pid}`);
    }
  }

  /** What the budget puts between an end and the next start. */
  async #pause(what: string): Promise<void> {
    const { delayMs, isExhausted, count } = this.#budget.next(this.#now());
    if (isExhausted) {
      const pauseS = Math.ceil(delayMs / 1000);
      this.#options.say(`${what} after ${count} restarts in a minute: giving up on it for ${pauseS} s`);
    }
    await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
