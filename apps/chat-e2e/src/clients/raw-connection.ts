import { WebSocket, type RawData } from 'ws';

/** Longest wait for a frame or a close, in ms. */
const ANSWER_DEADLINE_MS = 5_000;
const NUL = '\u0000';

/** A frame as it came, its headers not unescaped. */
export interface RawFrame {
  readonly command: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawEnd {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket that sends whatever bytes it is told to and keeps every frame it gets. */
export class RawConnection {
  readonly #socket: WebSocket;
  readonly #frames: RawFrame[] = [];
  readonly #end = Promise.withResolvers<RawEnd>();
  #heartBeatCount = 0;
  #taken = 0;
  #wake: (() => void) | null = null;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (bytes: RawData) => this.#receive((bytes as Buffer).toString('utf8'))); // binaryType is nodebuffer
    socket.on('close', (code, reason) => {
      this.#end.resolve({ code, reason: reason.toString('utf8') });
      this.#wake?.();
    });
    socket.on('error', () => {}); // the close that follows says all there is to say
  }

  static async open(url: string, subProtocols: readonly string[] = []): Promise<RawConnection> {
    const socket = new WebSocket(url, [...subProtocols]);
    const connection = new RawConnection(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return connection;
  }

  get subProtocol(): string {
    return this.#socket.protocol;
  }

  get frames(): readonly RawFrame[] {
    return this.#frames;
  }

  /** EOLs that came alone. */
  get heartBeatCount(): number {
    return this.#heartBeatCount;
  }

  /** Sends one WebSocket message. */
  sendBytes(bytes: string | Uint8Array): void {
    this.#socket.send(bytes);
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
    const frame = await this.#take();
    if (frame.command !== command) {
      throw new Error(`expected ${command}, got ${frame.command} ${JSON.stringify(frame.headers)}`);
    }
    return frame;
  }

  /** Resolves when the socket is closed. */
  async ended(): Promise<RawEnd> {
    return inTime(this.#end.promise, 'the socket was not closed');
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  cut(): void {
    this.#socket.terminate();
  }

  async #take(): Promise<RawFrame> {
    const endAt = performance.now() + ANSWER_DEADLINE_MS;
    for (;;) {
      const frame = this.#frames[this.#taken];
      if (frame !== undefined) {
        this.#taken += 1;
        return frame;
      }
      if (!this.isOpen) throw new Error(`no frame came before the close (${JSON.stringify(await this.ended())})`);
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await inTime(woken, 'no frame came', endAt - performance.now());
    }
  }

  #receive(text: string): void {
    if (/^[\r\n]+$/.test(text)) this.#heartBeatCount += 1;
    else this.#frames.push(parseRawFrame(text));
    this.#wake?.();
  }
}

/** The bytes of a frame; nothing is escaped. */
export function rawFrame(command: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  return `${command}\n${lines.join('')}\n${body}${NUL}`;
}

/** The gateway sends each frame as one WebSocket message. */
function parseRawFrame(text: string): RawFrame {
  const headEnd = text.indexOf('\n\n');
  const bodyEnd = text.lastIndexOf(NUL);
  if (headEnd < 0 || bodyEnd < headEnd) throw new Error(`not one frame: ${JSON.stringify(text.slice(0, 200))}`);
  const [command = '', ...lines] = text.slice(0, headEnd).split('\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1)];
  });
  return { command, headers: Object.fromEntries(headers), body: text.slice(headEnd + 2, bodyEnd) };
}

async function inTime<Value>(work: Promise<Value>, otherwise: string, deadlineMs = ANSWER_DEADLINE_MS): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${otherwise} within ${ANSWER_DEADLINE_MS} ms`)), deadlineMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
