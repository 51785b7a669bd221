import { setTimeout as pause } from 'node:timers/promises';
import { inTime } from '@chat/testing';
import { WebSocket, type RawData } from 'ws';
import { HEART_BEAT, ServerStream } from './server-stream.ts';

/** What came and when, by `performance.now()`. */
interface Arrival {
  readonly event: string;
  readonly at: number;
}

/** A WebSocket that sends the bytes it is told to and hands out what comes, in its order, as text. */
export class WireClient {
  readonly #socket: WebSocket;
  readonly #stream = new ServerStream();
  readonly #untaken: Arrival[] = [];
  readonly #closed = Promise.withResolvers<number>();
  #isClosed = false;
  #lastTakenAt = 0;
  #news = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (bytes: RawData, isBinary) => this.#receive(bytes as Buffer, isBinary)); // ws makes Buffers
    socket.once('close', (code) => {
      this.#isClosed = true;
      this.#closed.resolve(code);
      this.#tell();
    });
    socket.on('error', () => {}); // a close follows, and `open` has its own listener
  }

  static async open(url: string, subProtocols: readonly string[], timeoutMs: number): Promise<WireClient> {
    const socket = new WebSocket(url, [...subProtocols], { perMessageDeflate: false, handshakeTimeout: timeoutMs });
    const client = new WireClient(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** When the event that was taken last came. */
  get lastTakenAt(): number {
    return this.#lastTakenAt;
  }

  send(bytes: Uint8Array, isBinary: boolean): void {
    this.#socket.send(bytes, { binary: isBinary });
  }

  /** The next frame, heart-beats left out. */
  async nextFrame(timeoutMs: number): Promise<string> {
    const endAt = performance.now() + timeoutMs;
    for (;;) {
      const event = await this.#next('frame', endAt);
      if (event !== HEART_BEAT) return event;
    }
  }

  /** The next heart-beat; a frame is not. */
  async nextHeartBeat(timeoutMs: number): Promise<void> {
    const event = await this.#next('heart-beat', performance.now() + timeoutMs);
    if (event !== HEART_BEAT) throw new Error(`expected a heart-beat, got ${JSON.stringify(event)}`);
  }

  /** Throws for whatever comes before this time is over, a close included. */
  async hearNothing(forMs: number): Promise<void> {
    if (this.#untaken.length === 0) await Promise.race([this.#news.promise, pause(forMs)]);
    if (this.#isClosed) throw new Error(`closed with ${await this.#closed.promise}`);
    if (this.#untaken.length > 0) throw new Error(`there came ${JSON.stringify(this.#untaken[0]?.event)}`);
  }

  /** The close code; frames that came before it and were not taken are an error. */
  async closeCode(timeoutMs: number): Promise<number> {
    const code = await inTime(
      () => this.#closed.promise,
      timeoutMs,
      () => this.#missing(`close in ${timeoutMs} ms`),
    );
    const untold = this.untakenFrames;
    if (untold.length > 0) throw new Error(`before the close with ${code} there came ${JSON.stringify(untold)}`);
    return code;
  }

  get untakenFrames(): readonly string[] {
    return this.#untaken.map(({ event }) => event).filter((event) => event !== HEART_BEAT);
  }

  cut(): void {
    this.#socket.terminate();
  }

  #receive(bytes: Buffer, isBinary: boolean): void {
    const at = performance.now();
    if (isBinary) this.#untaken.push({ event: 'a binary WebSocket message', at });
    for (const event of this.#stream.push(bytes)) this.#untaken.push({ event, at });
    this.#tell();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  async #next(what: string, endAt: number): Promise<string> {
    for (;;) {
      const { promise: news } = this.#news;
      const arrival = this.#untaken.shift();
      if (arrival !== undefined) {
        this.#lastTakenAt = arrival.at;
        return arrival.event;
      }
      if (this.#isClosed) throw this.#missing(`${what} before the close with ${await this.#closed.promise}`);
      await inTime(
        () => news,
        endAt - performance.now(),
        () => this.#missing(`${what} in time`),
      );
    }
  }

  #missing(what: string): Error {
    return new Error(`no ${what}; untaken: ${JSON.stringify(this.untakenFrames)}`);
  }
}
