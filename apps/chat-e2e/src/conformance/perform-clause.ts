import { setInterval } from 'node:timers/promises';
import type { StompVersion } from '@chat/stomp';
import { stepsIn, type Clause, type ClientName, type Step } from './clause.ts';
import { CONNECTED } from './frames.ts';
import { fill, matches, type Bindings } from './template.ts';
import { WireClient } from './wire-client.ts';

/** How long any answer may take, in ms. */
const ANSWER_DEADLINE_MS = 5_000;
/** How much later than it was sent a heart-beat may be seen on a busy machine, in ms. */
const SEEN_LATE_MS = 500;

/** The lines that together name a MESSAGE within a session. */
const MESSAGE_NAME = [/^message-id:(.*)$/m, /^subscription:(.*)$/m];

export interface Stage {
  readonly url: string;
  /** Whom the token is of, and which room they are in: `token`, `user`, `room`. */
  readonly given: Readonly<Record<string, string>>;
}

/** Whether the clause needs a room of its own. */
export function needsRoom(clause: Clause, version: StompVersion): boolean {
  return JSON.stringify(stepsIn(clause, version)).includes('<room>');
}

/** Plays a clause in a version; throws with the first thing that was not as told. */
export async function performClause(clause: Clause, version: StompVersion, stage: Stage): Promise<void> {
  const performance = new Performance(clause, version, stage);
  try {
    await performance.play();
  } finally {
    performance.cutAll();
  }
}

class Performance {
  readonly #clause: Clause;
  readonly #version: StompVersion;
  readonly #url: string;
  readonly #bindings: Bindings;
  readonly #clients = new Map<ClientName, WireClient>();
  /** What named each MESSAGE so far. */
  readonly #messages = new Map<WireClient, ReadonlySet<string>>();
  /** Those that got CONNECTED and were not cut. */
  readonly #connected = new Set<WireClient>();

  constructor(clause: Clause, version: StompVersion, { url, given }: Stage) {
    this.#clause = clause;
    this.#version = version;
    this.#url = url;
    this.#bindings = new Map(Object.entries({ ...given, version }));
  }

  async play(): Promise<void> {
    for (const [index, step] of stepsIn(this.#clause, this.#version).entries()) {
      try {
        await this.#perform(step, await this.#clientOf(step.by));
      } catch (error) {
        throw new Error(`step ${index + 1}, ${step.do}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }
    for (const client of this.#connected) await this.#disconnect(client);
  }

  cutAll(): void {
    for (const client of this.#clients.values()) client.cut();
  }

  async #clientOf(name: ClientName): Promise<WireClient> {
    const open = this.#clients.get(name);
    if (open !== undefined) return open;
    const client = await WireClient.open(this.#url, this.#clause.subProtocols ?? [], ANSWER_DEADLINE_MS);
    this.#clients.set(name, client);
    if (this.#clause.from !== 'upgraded') await this.#connect(client);
    return client;
  }

  async #connect(client: WireClient): Promise<void> {
    const accepts = this.#version === '1.0' ? '' : 'accept-version:<version>\nhost:chat\n';
    const headers = `${accepts}Authorization:Bearer <token>\n${this.#clause.connectWith ?? ''}`;
    this.#send(client, `CONNECT\n${headers}\n\0`, false);
    await this.#expectFrames(client, [CONNECTED], true);
    this.#bindings.delete('session'); // each has its own
  }

  /** Everything sent before is answered behind this, so whatever came untold is seen here. */
  async #disconnect(client: WireClient): Promise<void> {
    if (client.isClosed) return;
    this.#send(client, 'DISCONNECT\nreceipt:the-end\n\n\0', false);
    await this.#expectFrames(client, ['RECEIPT\nreceipt-id:the-end\n\n\0'], true);
    await this.#expectClose(client, 1000, ANSWER_DEADLINE_MS);
  }

  async #perform(step: Step, client: WireClient): Promise<void> {
    switch (step.do) {
      case 'send':
        return this.#sendStep(client, step);
      case 'get':
        return this.#expectFrames(client, step.frames, step.inOrder);
      case 'be closed':
        return this.#expectCloseBetween(client, step);
      case 'get heart-beats':
        return this.#expectHeartBeats(client, step);
      case 'hear nothing':
        return client.hearNothing(step.forMs);
      case 'keep sending':
        return this.#keepSending(client, step);
      case 'cut':
        this.#connected.delete(client);
        return client.cut();
    }
  }

  #sendStep(client: WireClient, { bytes, isBinary, inMessages }: Extract<Step, { do: 'send' }>): void {
    if (inMessages === 'one') return this.#send(client, bytes, isBinary);
    for (const byte of this.#bytesOf(bytes)) client.send(Buffer.of(byte), isBinary);
  }

  #send(client: WireClient, bytes: string | Uint8Array, isBinary: boolean): void {
    client.send(this.#bytesOf(bytes), isBinary);
  }

  #bytesOf(bytes: string | Uint8Array): Uint8Array {
    return typeof bytes === 'string' ? Buffer.from(fill(bytes, this.#bindings)) : bytes;
  }

  async #expectFrames(client: WireClient, templates: readonly string[], inOrder: boolean): Promise<void> {
    const missing = [...templates];
    while (missing.length > 0) {
      const frame = await client.nextFrame(ANSWER_DEADLINE_MS);
      this.#note(frame, client);
      const candidates = inOrder ? missing.slice(0, 1) : missing;
      const at = candidates.findIndex((template) => matches(frame, template, this.#bindings));
      if (at < 0) throw new Error(`expected ${shown(candidates)}\n     got ${shown([frame])}`);
      missing.splice(at, 1);
    }
  }

  /** What holds of all frames, whatever the clause says. */
  #note(frame: string, client: WireClient): void {
    if (frame.startsWith('CONNECTED\n')) this.#connected.add(client);
    if (!frame.startsWith('MESSAGE\n')) return;
    const name = MESSAGE_NAME.map((line) => line.exec(frame)?.[1] ?? '').join(' of subscription ');
    const earlier = this.#messages.get(client);
    if (earlier?.has(name) === true) throw new Error(`a second MESSAGE ${name}`);
    this.#messages.set(client, new Set(earlier).add(name));
  }

  async #expectCloseBetween(client: WireClient, step: Extract<Step, { do: 'be closed' }>): Promise<void> {
    const waitedFrom = performance.now();
    await this.#expectClose(client, step.code, step.deadlineMs);
    const waitedMs = Math.round(performance.now() - waitedFrom);
    if (waitedMs < step.notBeforeMs) throw new Error(`closed after ${waitedMs} ms already`);
  }

  async #expectClose(client: WireClient, code: number, deadlineMs: number): Promise<void> {
    const closed = await client.closeCode(deadlineMs);
    if (closed !== code) throw new Error(`closed with ${closed} rather than ${code}`);
  }

  async #expectHeartBeats(client: WireClient, step: Extract<Step, { do: 'get heart-beats' }>): Promise<void> {
    for (let count = 0; count < step.count; count += 1) {
      const before = client.lastTakenAt;
      await client.nextHeartBeat(step.everyMs * 2);
      const gapMs = Math.round(client.lastTakenAt - before);
      if (gapMs > step.everyMs + SEEN_LATE_MS) throw new Error(`heart-beat ${count + 1} came after ${gapMs} ms`);
    }
  }

  async #keepSending(client: WireClient, step: Extract<Step, { do: 'keep sending' }>): Promise<void> {
    const endAt = performance.now() + step.forMs;
    for await (const _ of setInterval(step.everyMs)) {
      this.#send(client, step.bytes, false);
      if (performance.now() >= endAt) return;
    }
  }
}

function shown(frames: readonly string[]): string {
  return frames.map((frame) => JSON.stringify(frame)).join(' or ');
}
