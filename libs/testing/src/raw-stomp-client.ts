import {
  createFrame,
  FrameParser,
  HEART_BEAT,
  headerOf,
  serializeFrame,
  STOMP_VERSIONS,
  type StompFrame,
  type StompVersion,
} from '@chat/stomp';
import { WebSocket, type ClientOptions } from 'ws';
import { inTime } from './eventually.ts';

/** Longest wait for a frame, a close or the upgrade where a spec says nothing, in ms. */
const TIMEOUT_MS = 5_000;
/** Characters of a body that an error shows. */
const SHOWN_BODY_LENGTH = 120;
/** Frames of a server may be larger than those of a client. */
const SERVER_FRAME_LIMITS = { maxFrameBytes: 4_194_304, maxBodyBytes: 4_194_304, maxHeaderBytes: 65_536 };

export interface RawStompOptions {
  /** WebSocket sub-protocols to offer; none by default. */
  readonly subProtocols?: readonly string[];
  /** Headers of the upgrade request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Told of every frame that comes. */
  readonly onFrame?: (frame: StompFrame) => void;
}

export interface WaitOptions {
  /** Longest wait, in ms; 5,000 by default. */
  readonly timeoutMs?: number;
}

export interface SendOptions {
  /** Whether the WebSocket messages are binary; text by default. */
  readonly isBinary?: boolean;
  /** Rising offsets that cut the bytes into several WebSocket messages. A text message must be UTF-8 by itself. */
  readonly cutAt?: readonly number[];
}

/** How the connection ended: the close code and reason of the server, 1006 without a close frame. */
export interface Closure {
  readonly code: number;
  readonly reason: string;
}

/**
 * A STOMP client that does just what it is told: it sends literal bytes or frames, whole or in parts, and keeps all it
 * gets. It answers nothing by itself, sends no heart-beats and judges no order. Frames are read in the version that
 * CONNECTED names.
 */
export class RawStompClient {
  readonly #socket: WebSocket;
  readonly #parser = new FrameParser(SERVER_FRAME_LIMITS);
  readonly #frames: StompFrame[] = [];
  /** Frames that no `nextFrame` has answered with yet. */
  readonly #untaken: StompFrame[] = [];
  #heartBeatCount = 0;
  #binaryMessageCount = 0;
  #closure: Closure | null = null;
  #fault: unknown = null;
  #news = Promise.withResolvers<void>();

  readonly #onFrame: (frame: StompFrame) => void;

  private constructor(socket: WebSocket, onFrame: (frame: StompFrame) => void) {
    this.#socket = socket;
    this.#onFrame = onFrame;
    socket.on('message', (bytes, isBinary) => this.#receive(bytes, isBinary));
    socket.on('close', (code, reason) => {
      this.#closure = { code, reason: reason.toString('utf8') };
      this.#tell();
    });
    socket.on('error', () => {}); // a close follows, and `open` has its own listener
  }

  /** Resolves with the open connection; rejects with what the server answered to the upgrade, or past the deadline. */
  static async open(url: string, options: RawStompOptions = {}): Promise<RawStompClient> {
    const { subProtocols = [], headers = {}, timeoutMs = TIMEOUT_MS, onFrame = () => {} } = options;
    const socketOptions: ClientOptions = { headers, perMessageDeflate: false, handshakeTimeout: timeoutMs };
    const socket = new WebSocket(url, [...subProtocols], socketOptions);
    const client = new RawStompClient(socket, onFrame);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  /** The sub-protocol that the server chose; empty where it chose none. */
  get subProtocol(): string {
    return this.#socket.protocol;
  }

  /** All frames so far, in their order. */
  get frames(): readonly StompFrame[] {
    return this.#frames;
  }

  /** EOLs between frames so far. */
  get heartBeatCount(): number {
    return this.#heartBeatCount;
  }

  /** WebSocket messages so far that were not text. */
  get binaryMessageCount(): number {
    return this.#binaryMessageCount;
  }

  /** How the connection ended; null while it is open. */
  get closure(): Closure | null {
    return this.#closure;
  }

  /** Sends literal bytes, a string as UTF-8: one WebSocket message, or several where `cutAt` says so. */
  send(bytes: Uint8Array | string, { isBinary = false, cutAt = [] }: SendOptions = {}): void {
    const all = Buffer.from(bytes);
    const ends = [...cutAt, all.length];
    ends.forEach((end, index) => this.#socket.send(all.subarray(ends[index - 1] ?? 0, end), { binary: isBinary }));
  }

  sendFrame(frame: StompFrame, version: StompVersion, options?: SendOptions): void {
    this.send(serializeFrame(frame, version), options);
  }

  /** Sends CONNECT for all versions, unless the headers say otherwise, and resolves with CONNECTED. */
  async connect(
    headers: Readonly<Record<string, string | undefined>> = {},
    options?: WaitOptions,
  ): Promise<StompFrame> {
    this.sendFrame(createFrame('CONNECT', { 'accept-version': '1.0,1.1,1.2', host: 'chat', ...headers }), '1.2');
    return this.nextFrame('CONNECTED', options);
  }

  /**
   * Takes the first frame not taken before that has the command or fulfils the predicate; any where neither is given.
   * Rejects past the deadline, when the connection ends first, and when the server sends what is no frame; the message
   * shows the frames that came instead.
   */
  async nextFrame(
    wanted: string | ((frame: StompFrame) => boolean) = () => true,
    { timeoutMs = TIMEOUT_MS }: WaitOptions = {},
  ): Promise<StompFrame> {
    const isWanted = typeof wanted === 'string' ? (frame: StompFrame) => frame.command === wanted : wanted;
    const what = typeof wanted === 'string' ? wanted : 'frame that was waited for';
    return this.#until(() => this.#take(isWanted, what), what, timeoutMs);
  }

  /** Resolves with the end of the connection. Rejects past the deadline, showing the frames that came instead. */
  async closed({ timeoutMs = TIMEOUT_MS }: WaitOptions = {}): Promise<Closure> {
    return this.#until(() => this.#closure, 'close of the connection', timeoutMs);
  }

  /** Begins the closing handshake. */
  close(code = 1000): void {
    this.#socket.close(code);
  }

  /** Cuts the socket without a close frame. */
  cut(): void {
    this.#socket.terminate();
  }

  /** Stops reading, so that what the server sends piles up at its side. */
  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  #receive(bytes: unknown, isBinary: boolean): void {
    if (isBinary) this.#binaryMessageCount += 1;
    if (Buffer.isBuffer(bytes)) this.#parser.push(bytes); // ws makes nothing else by default
    try {
      for (let event = this.#parser.next(); event !== null; event = this.#parser.next()) {
        if (event === HEART_BEAT) this.#heartBeatCount += 1;
        else this.#keep(event);
      }
    } catch (error) {
      this.#fault = error;
    }
    this.#tell();
  }

  #keep(frame: StompFrame): void {
    if (frame.command === 'CONNECTED') this.#parser.setVersion(versionOf(frame));
    this.#onFrame(frame);
    this.#frames.push(frame);
    this.#untaken.push(frame);
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  /** Looks at once and after all news, until there is something or it is too late. */
  async #until<Value>(look: () => Value | null, what: string, timeoutMs: number): Promise<Value> {
    const endAt = performance.now() + timeoutMs;
    for (;;) {
      const { promise: news } = this.#news;
      const found = look();
      if (found !== null) return found;
      const late = () => this.#missing(what, `within ${timeoutMs} ms`);
      await inTime(() => news, endAt - performance.now(), late);
    }
  }

  #take(isWanted: (frame: StompFrame) => boolean, what: string): StompFrame | null {
    const at = this.#untaken.findIndex(isWanted);
    const [frame] = at < 0 ? [] : this.#untaken.splice(at, 1);
    if (frame !== undefined) return frame;
    if (this.#fault !== null) throw this.#missing(what, 'before bytes that are no frame');
    if (this.#closure !== null)
      throw this.#missing(what, `before the connection closed with ${shownClosure(this.#closure)}`);
    return null;
  }

  #missing(what: string, when: string): Error {
    const instead = this.#untaken.map((frame) => `\n  ${shownFrame(frame)}`).join('');
    const came = instead === '' ? 'No other frame came.' : `Instead there came:${instead}`;
    return new Error(`No ${what} came ${when}. ${came}`, { cause: this.#fault ?? undefined });
  }
}

function versionOf(connected: StompFrame): StompVersion {
  const named = headerOf(connected, 'version');
  return STOMP_VERSIONS.find((version) => version === named) ?? '1.0';
}

function shownClosure({ code, reason }: Closure): string {
  return reason === '' ? String(code) : `${code} (${reason})`;
}

function shownFrame({ command, headers, body }: StompFrame): string {
  const text = Buffer.from(body).toString('utf8');
  const cut = text.length > SHOWN_BODY_LENGTH ? `${text.slice(0, SHOWN_BODY_LENGTH)}…` : text;
  return `${command} ${headers.map(([name, value]) => `${name}:${value}`).join(' ')} ${JSON.stringify(cut)}`;
}
