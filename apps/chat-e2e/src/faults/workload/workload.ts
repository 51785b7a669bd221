import type { Random } from '../random.ts';
import type { FaultClient } from './fault-client.ts';

/** Between two looks at how much is due, in ms. */
const TICK_MS = 10;
/** More than this late, in ms, the process is too busy to see when things happen, and says so. */
const LATE_MS = 50;

export interface WorkloadOptions {
  readonly clients: readonly FaultClient[];
  readonly random: Random;
  /** Of all clients together. */
  readonly ratePerSecond: number;
  /** This process came late by so many ms. */
  readonly onStall: (ms: number) => void;
}

/** Makes clients send at a rate, each message by one of them to one of its rooms; which, comes from the seed. */
export class Workload {
  readonly #options: WorkloadOptions;
  #timer: NodeJS.Timeout | null = null;
  #isSending = false;
  #lastTickAt = performance.now();
  #due = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
  }

  /** From now on stalls of this process are told. */
  watch(): void {
    this.#lastTickAt = performance.now();
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  start(): void {
    this.#isSending = true;
  }

  pause(): void {
    this.#isSending = false;
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    const now = performance.now();
    const passedMs = now - this.#lastTickAt;
    this.#lastTickAt = now;
    const lateMs = passedMs - TICK_MS;
    if (lateMs > LATE_MS) this.#options.onStall(Math.round(lateMs));
    if (!this.#isSending) return;
    this.#due += (Math.min(passedMs, TICK_MS + LATE_MS) * this.#options.ratePerSecond) / 1_000; // no burst for a stall
    for (; this.#due >= 1; this.#due -= 1) this.#sendOne();
  }

  #sendOne(): void {
    const { random, clients } = this.#options;
    const client = random.pick(clients);
    client.send(random.pick(client.rooms));
  }
}
