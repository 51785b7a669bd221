import { RawStompClient, type Closure } from '@chat/testing';
import type { StompFrame } from '@chat/stomp';
import { noteFrame } from './frame-faults.ts';

/** A frame with the first of its headers by each name, and its body as text. */
export interface RawFrame {
  readonly command: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A WebSocket that sends whatever bytes it is told to; frames come one after another. */
export class RawConnection {
  readonly #client: RawStompClient;

  private constructor(client: RawStompClient) {
    this.#client = client;
  }

  static async open(url: string, subProtocols: readonly string[] = []): Promise<RawConnection> {
    return new RawConnection(await RawStompClient.open(url, { subProtocols, onFrame: noteFrame }));
  }

  get subProtocol(): string {
    return this.#client.subProtocol;
  }

  /** All frames so far. */
  get frames(): readonly RawFrame[] {
    return this.#client.frames.map(rawFrameOf);
  }

  /** EOLs that came between frames. */
  get heartBeatCount(): number {
    return this.#client.heartBeatCount;
  }

  get isOpen(): boolean {
    return this.#client.closure === null;
  }

  /** Sends one WebSocket message: text as text, bytes as binary. */
  sendBytes(bytes: string | Uint8Array): void {
    this.#client.send(bytes, { isBinary: typeof bytes !== 'string' });
  }

  sendFrame(command: string, headers: Readonly<Record<string, string>>, body = ''): void {
    this.sendBytes(rawFrame(command, headers, body));
  }

  /** CONNECT with a token, for every version unless told otherwise; resolves with CONNECTED. */
  async connect(token: string, headers: Readonly<Record<string, string>> = {}): Promise<RawFrame> {
    this.sendFrame('CONNECT', { 'accept-version': '1.0,1.1,1.2', Authorization: `Bearer ${token}`, ...headers });
    return this.next('CONNECTED');
  }

  /** The next frame that was not taken yet, which must have this command. */
  async next(command: string): Promise<RawFrame> {
    const frame = rawFrameOf(await this.#client.nextFrame());
    if (frame.command === command) return frame;
    throw new Error(`expected ${command}, got ${frame.command} ${JSON.stringify(frame.headers)}`);
  }

  /** Resolves when the socket is closed. */
  ended(): Promise<Closure> {
    return this.#client.closed();
  }

  /** Lets what the gateway sends pile up at its side. */
  stopReading(): void {
    this.#client.pauseReading();
  }

  startReading(): void {
    this.#client.resumeReading();
  }

  cut(): void {
    this.#client.cut();
  }
}

/** The bytes of a frame; nothing is escaped. */
export function rawFrame(command: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  return `${command}\n${lines.join('')}\n${body}\u0000`;
}

function rawFrameOf({ command, headers, body }: StompFrame): RawFrame {
  return { command, headers: Object.fromEntries(headers.toReversed()), body: Buffer.from(body).toString('utf8') };
}
