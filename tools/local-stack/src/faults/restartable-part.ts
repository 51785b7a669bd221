import { startProgram, type PartContext, type PartProgram } from '../parts/part.ts';
import type { Child } from '../processes/child.ts';
import { signalTree } from '../processes/process-identity.ts';

/** One process of a part (a broker, Redis, Postgres) that a fault run may harm and bring back. */
export class RestartablePart {
  readonly name: string;
  readonly #context: PartContext;
  readonly #program: PartProgram;
  #child: Child | null = null;

  constructor(context: PartContext, program: PartProgram) {
    this.name = program.spec.name;
    this.#context = context;
    this.#program = { ...program, spec: { ...program.spec, keepsLog: true } };
  }

  /** Its process now, or null while it is down. */
  get pid(): number | null {
    return this.#child?.end === null ? this.#child.pid : null;
  }

  /** Starts it on the ports and data it always has; resolves once it serves. Throws a StartError with the end of its log. */
  async start(): Promise<void> {
    if (this.pid !== null) throw new Error(`${this.name} runs already`);
    this.#child = await startProgram(this.#context, this.#program);
  }

  /** Sends a signal to its processes, all of them: SIGSTOP freezes it, SIGCONT lets it go on. */
  signal(signal: NodeJS.Signals): void {
    if (this.pid !== null) signalTree(this.pid, signal);
  }

  /** kill -9 of its processes, all of them; resolves once it has ended. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#child?.stop('SIGKILL');
  }

  /**
   * Asks it to end with a signal of its own meaning and starts it again: SIGTERM rolls a broker, SIGQUIT is Postgres's
   * immediate shutdown.
   */
  async restart(signal: NodeJS.Signals): Promise<void> {
    await this.#child?.stop(signal);
    await this.start();
  }
}
