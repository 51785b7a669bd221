import { LineProcess } from './line-process.ts';

/** Longest wait for all clients to be connected, and for the last delivery of a count, in ms. */
const CONNECT_DEADLINE_MS = 60_000;
const COUNT_DEADLINE_MS = 60_000;

/** How the clients speak; native/swarm.c says what each means. */
export type Dialect = 'stomp' | 'plain' | 'plain-login' | 'socketio';

/** Where the clients of a swarm connect. */
export interface SwarmTarget {
  readonly port: number;
  readonly path: string;
  readonly dialect: Dialect;
}

export interface SwarmClient {
  readonly rooms: readonly number[];
  /** A JWT; anything where the dialect does not send one. */
  readonly token: string;
}

/** Latencies in µs. */
export interface Latency {
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

/** What a count came to. */
export interface SwarmCount {
  readonly delivered: number;
  readonly heartBeats: number;
  /** Payloads of the deliveries' WebSocket frames. */
  readonly bytes: number;
  /** From the first delivery to the last. */
  readonly wallUs: number;
  readonly message: Latency;
  readonly receipt: Latency;
}

interface Told extends SwarmCount {
  readonly ahead: number;
  readonly behind: number;
  readonly strays: number;
}

export interface OpenLoop {
  readonly count: number;
  readonly perSecond: number;
  /** Of the content of each message. */
  readonly contentBytes: number;
  readonly wantsReceipts: boolean;
}

/** Many WebSocket clients in a process of their own (native/swarm.c). */
export class Swarm {
  readonly #process: LineProcess;

  constructor(program: string, { port, path, dialect }: SwarmTarget) {
    this.#process = new LineProcess(`the swarm of ${dialect} clients`, program, [String(port), path, dialect]);
  }

  /** Heart-beats that the clients which connect from now on offer and want; none before this. */
  heartBeat(everyMs: number): void {
    this.#process.tell(`heart-beat ${everyMs}`);
  }

  /** Application heartbeats of each client from now on, each with a receipt where the dialect has them. */
  ping(everyMs: number): void {
    this.#process.tell(`ping ${everyMs}`);
  }

  /** Resolves once each of them is subscribed to its rooms; so many at a time are on their way to that. */
  async connect(clients: readonly SwarmClient[], atOnce: number): Promise<void> {
    for (const { rooms, token } of clients) this.#process.tell(`client ${rooms.join(',')} ${token}`);
    this.#process.tell(`connect ${atOnce}`);
    await this.#process.next('connected', CONNECT_DEADLINE_MS);
  }

  /** What comes once this has resolved is counted; calls back whenever another `step` of deliveries have come. */
  async count(step = 0, delivered: (count: number) => void = () => {}): Promise<void> {
    this.#process.listen('delivered', (count) => delivered(Number(count)));
    this.#process.tell(`count ${step}`);
    await this.#process.next('counting', COUNT_DEADLINE_MS);
  }

  /** Room after room, each message by its room's first client, at its intended time whatever became of those before it. */
  send({ count, perSecond, contentBytes, wantsReceipts }: OpenLoop): void {
    this.#process.tell(`send ${count} ${perSecond} ${contentBytes} ${wantsReceipts ? 1 : 0}`);
  }

  /** Resolves when so many have come; rejects where one was left out, came twice, or came out of order. */
  async end(deliveries: number, receipts = 0): Promise<SwarmCount> {
    this.#process.tell(`end ${deliveries} ${receipts}`);
    const told = JSON.parse(await this.#process.next('result', COUNT_DEADLINE_MS)) as Told; // the swarm is ours
    const { ahead, behind, strays } = told;
    if (told.delivered !== deliveries || ahead + behind + strays > 0) {
      throw new Error(
        `${told.delivered} deliveries instead of ${deliveries}: ${ahead} left out, ${behind} again or late, ${strays} unasked for`,
      );
    }
    return told;
  }

  check(): void {
    this.#process.check();
  }

  async close(): Promise<void> {
    this.#process.tell('close');
    await this.#process.next('closed', CONNECT_DEADLINE_MS);
  }

  stop(): Promise<void> {
    return this.#process.end();
  }
}
