import type { ServiceEnd, ServiceUnderTest } from '@chat/testing';

/** How often a supervisor looks whether its app has ended, in ms: as one that starts it again at once. */
const SUPERVISE_EVERY_MS = 250;
const PROBE_DEADLINE_MS = 2_000;

/** An instance under a supervisor, as in production: when it ends, for whatever reason, it is started again. */
export class FaultApp {
  readonly internalUrl: string;
  readonly #service: ServiceUnderTest;
  #supervisor: NodeJS.Timeout | null = null;
  #startCount = 0;

  constructor(service: ServiceUnderTest, internalUrl: string) {
    this.#service = service;
    this.internalUrl = internalUrl;
  }

  get name(): string {
    return this.#service.name;
  }

  /** How often it was started so far. */
  get startCount(): number {
    return this.#startCount;
  }

  /** From its next start on it is another built file. */
  runFrom(script: string): void {
    this.#service.runFrom(script);
  }

  /** Starts it and keeps it running. */
  supervise(): void {
    this.#launch();
    this.#supervisor ??= setInterval(() => this.#launch(), SUPERVISE_EVERY_MS);
  }

  /** Leaves it as it is: it stays down once it has ended. */
  unsupervise(): void {
    if (this.#supervisor !== null) clearInterval(this.#supervisor);
    this.#supervisor = null;
  }

  /** kill -9; its supervisor starts it again. */
  kill(): Promise<void> {
    return this.#service.kill();
  }

  /**
   * SIGTERM; its supervisor starts it again. Null where it did not run. Rejects when it does not end in the time that it
   * promises, or not with exit status 0.
   */
  async terminate(): Promise<ServiceEnd | null> {
    if (!this.#service.isRunning) return null;
    const end = await this.#service.terminate();
    if (end.code !== 0) throw new Error(`${this.name} ended with ${end.signal ?? end.code} after SIGTERM`);
    return end;
  }

  /** Asks it to collect all garbage. */
  collectGarbage(): void {
    this.signal('SIGUSR2');
  }

  /** Nothing where it does not run. */
  signal(signal: NodeJS.Signals): void {
    if (this.#service.isRunning) this.#service.signal(signal);
  }

  get pid(): number | null {
    return this.#service.isRunning ? this.#service.pid : null;
  }

  async isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.internalUrl}/readyz`, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false; // nobody answers
    }
  }

  /** Ends it for good, whatever state it is in. */
  async stop(): Promise<void> {
    this.unsupervise();
    await this.#service.kill();
  }

  #launch(): void {
    if (this.#service.isRunning) return;
    this.#service.launch();
    this.#startCount += 1;
  }
}
