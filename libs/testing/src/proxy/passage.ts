import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { busyMs, isUnhindered, nextSliceBytes, type Pace } from './pace.ts';

/** Bytes that may wait here before the sender is no longer read. */
const MAX_WAITING_BYTES = 262_144;

/** What goes through a passage, one after another: bytes, or something to wait for before what follows may pass. */
export type Passing = Buffer | (() => Promise<void> | void);

export interface PassageOptions {
  readonly source: Socket;
  readonly sink: Socket;
  /** What passes in place of what has come. */
  readonly inspect: (bytes: Buffer) => readonly Passing[];
  readonly pace: () => Pace;
}

interface Waiting {
  readonly passing: Passing;
  readonly cameAt: number;
}

/** One direction of a connection: from one socket to the other, at a pace, in order, with a gate that can be shut. */
export class Passage {
  readonly #options: PassageOptions;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isGateShut = false;
  #isPumping = false;
  #hasEnded = false;

  constructor(options: PassageOptions) {
    this.#options = options;
    const { source } = options;
    source.on('data', (bytes) => this.#take(bytes));
    source.on('end', () => {
      this.#hasEnded = true;
      void this.#pump();
    });
  }

  /** Nothing passes any more, and the sender is not read: what is lost on the way comes again once the gate opens. */
  shut(): void {
    this.#isGateShut = true;
    this.#options.source.pause();
  }

  open(): void {
    this.#isGateShut = false;
    this.#readOn();
    void this.#pump();
  }

  #take(bytes: Buffer): void {
    const passing = this.#options.inspect(bytes);
    const { sink, pace } = this.#options;
    const [only] = passing;
    const isPlain = passing.length === 1 && typeof only === 'object' && isUnhindered(pace());
    if (isPlain && !this.#isPumping && !this.#isGateShut && !sink.writableNeedDrain) {
      if (!sink.write(only)) void this.#pump();
      return;
    }
    const cameAt = performance.now();
    for (const one of passing) {
      this.#waiting.push({ passing: one, cameAt });
      if (typeof one !== 'function') this.#waitingBytes += one.length;
    }
    this.#readOn();
    void this.#pump();
  }

  #readOn(): void {
    if (this.#isGateShut || this.#waitingBytes > MAX_WAITING_BYTES) this.#options.source.pause();
    else this.#options.source.resume();
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const { sink } = this.#options;
    await drained(sink);
    for (let next = this.#waiting[0]; next !== undefined && !this.#isGateShut; next = this.#waiting[0]) {
      if (sink.destroyed) break;
      if (typeof next.passing === 'function') await this.#await(next.passing);
      else await this.#passSlice(next.passing, next.cameAt);
      this.#readOn();
    }
    this.#isPumping = false;
    if (this.#hasEnded && this.#waiting.length === 0) sink.end();
  }

  async #await(wait: () => Promise<void> | void): Promise<void> {
    this.#waiting.shift();
    await wait();
  }

  async #passSlice(bytes: Buffer, cameAt: number): Promise<void> {
    const { sink, pace } = this.#options;
    await pause(cameAt + (pace().latencyMs ?? 0) - performance.now());
    if (this.#isGateShut) return;
    const size = nextSliceBytes(bytes.length, pace());
    sink.write(bytes.subarray(0, size));
    this.#waitingBytes -= size;
    if (size === bytes.length) this.#waiting.shift();
    else this.#waiting[0] = { passing: bytes.subarray(size), cameAt };
    await pause(busyMs(size, pace()));
    if (size < bytes.length) await nextTurn(); // else the system sends slices together
    await drained(sink);
  }
}

/** Does not keep the process alive. */
async function pause(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { ref: false });
}

/** Resolves when the socket takes more, or never will. */
async function drained(sink: Socket): Promise<void> {
  if (!sink.writableNeedDrain || sink.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  sink.once('drain', resolve);
  sink.once('close', resolve);
  await promise;
  sink.off('drain', resolve);
  sink.off('close', resolve);
}
