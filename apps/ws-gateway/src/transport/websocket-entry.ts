import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { isAllowedOrigin, tokenParameterOf } from '@chat/auth';
import { pause, withDeadline, type Logger, type Service } from '@chat/service-kit';
import type { RateLimit } from '@chat/redis';
import { chooseSubProtocol, SUB_PROTOCOLS, type StompVersion } from '@chat/stomp';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { CLOSE_LINGER_MS, IN_FLIGHT_GRACE_MS } from '../limits.ts';
import { TokenBucket } from '../broker/token-bucket.ts';
import { closeLabelsOf, LOST_CODE, type GatewayMetrics, type SocketSums } from '../metrics.ts';
import { Connection, type ConnectionLimits, type ConnectionOptions } from './connection.ts';
import type { Conversation, ConversationLink } from './conversation.ts';
import { countDue, WAVE_EVERY_MS } from './drain-plan.ts';
import { FlushQueue } from './flush-queue.ts';
import { ScratchBuffers } from './scratch-buffers.ts';

/** The one path that answers a WebSocket upgrade. */
const WEBSOCKET_PATH = '/ws';
/** Of answers that are no WebSocket: nobody keeps, guesses the type of, runs or frames them. */
const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const;
const SAFE_HEADER_LINES = Object.entries(SAFE_HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('');
/** How often each conversation is looked at by the clock, in ms. */
const SWEEP_MS = 250;
/** How long after its last wave a drain waits for sockets that should be gone, in ms. */
const LAST_SOCKETS_MS = IN_FLIGHT_GRACE_MS + CLOSE_LINGER_MS + 500;

export interface EntryLimits {
  readonly maxConnections: number;
  /** WebSockets taken a second, and at once. */
  readonly maxConnectsPerSecond: number;
  /** Bytes of one WebSocket message; over it ws closes with 1009. */
  readonly maxMessageBytes: number;
}

export interface WebSocketEntryOptions {
  readonly server: Server;
  readonly connectionLimits: ConnectionLimits;
  readonly limits: EntryLimits;
  /** Origins of the pages that may open WebSockets, beside those of this host. */
  readonly allowedOrigins: readonly string[];
  /** WebSockets that an address may open, and which address a request counts for. */
  readonly perAddress: { readonly rate: RateLimit; readonly addressOf: (request: IncomingMessage) => string };
  readonly createConversation: (
    link: ConversationLink,
    about: { sessionId: string; subProtocol: StompVersion | null },
  ) => Conversation;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** Why a WebSocket is not opened. */
interface UpgradeRefusal {
  readonly status: string;
  /** As the metric calls it. */
  readonly reason: 'path' | 'origin' | 'token' | 'draining' | 'connections' | 'address' | 'rate';
  readonly sentence: string;
  /** When it may be tried again. */
  readonly retryAfterSeconds?: number;
}

const UNAVAILABLE = '503 Service Unavailable';
const TOO_MANY = '429 Too Many Requests';
const unavailable = (reason: UpgradeRefusal['reason'], sentence: string): UpgradeRefusal => ({
  ...{ status: UNAVAILABLE, reason, sentence, retryAfterSeconds: 1 },
});
const NO_SUCH_PATH: UpgradeRefusal = {
  ...{ status: '404 Not Found', reason: 'path', sentence: 'WebSockets are at /ws.' },
};

const NO_SUCH_ORIGIN: UpgradeRefusal = {
  ...{
    status: '403 Forbidden',
    reason: 'origin',
    sentence: 'Pages of this origin may not connect: see ALLOWED_ORIGINS.',
  },
};
const TOKEN_IN_ADDRESS: UpgradeRefusal = {
  ...{ status: '400 Bad Request', reason: 'token' },
  sentence: 'A token does not belong into an address: send it in the Authorization header of CONNECT.',
};

/** Where WebSockets come in: upgrade, bytes to conversations, the clock over all of them, and their drain. */
export class WebSocketEntry implements Service {
  readonly name = 'websocket entry';
  readonly #options: WebSocketEntryOptions;
  readonly #conversations = new Set<Conversation>();
  /** Sockets whose refusal is still being written. */
  readonly #refused = new Set<Duplex>();
  /** All connections'. */
  readonly #connectionOptions: ConnectionOptions;
  readonly #wss: WebSocketServer;
  readonly #allowedOrigins: ReadonlySet<string>;
  readonly #connects: TokenBucket;
  #sweepTimer: NodeJS.Timeout | undefined;
  #isDraining = false;
  /** Resolved once a drain has seen the last socket go. */
  readonly #empty = Promise.withResolvers<void>();

  constructor(options: WebSocketEntryOptions) {
    this.#options = options;
    const { metrics } = options;
    this.#connectionOptions = {
      flushQueue: new FlushQueue(),
      scratch: new ScratchBuffers(),
      limits: options.connectionLimits,
      shed: () => metrics.shed.inc(),
      ending: (reason, clientCode) => metrics.closes.inc(closeLabelsOf(reason, clientCode)),
      traffic: metrics.traffic,
    };
    this.#allowedOrigins = new Set(options.allowedOrigins);
    metrics.watchSockets(() => this.#sumSockets());
    const { maxConnectsPerSecond } = options.limits;
    this.#connects = new TokenBucket(
      { perSecond: maxConnectsPerSecond, burst: maxConnectsPerSecond },
      performance.now(),
    );
    this.#wss = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.limits.maxMessageBytes,
      handleProtocols: (offered) => chooseSubProtocol(offered) ?? false,
    });
  }

  start(): Promise<void> {
    this.#options.server.on('upgrade', this.#upgrade);
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_MS);
    return Promise.resolve();
  }

  /**
   * Takes no new sockets and ends the sessions in waves. A session is served until its wave comes; then it is read no
   * more, what it has in flight is answered, what is queued for it is written, and it is closed with 1012.
   */
  async stop(): Promise<void> {
    this.#isDraining = true;
    try {
      await this.#endInWaves();
      this.#noteIfEmpty();
      await withDeadline(this.#empty.promise, LAST_SOCKETS_MS, 'closing the last sockets');
    } finally {
      clearInterval(this.#sweepTimer);
      for (const socket of this.#refused) socket.destroy();
    }
  }

  async #endInWaves(): Promise<void> {
    const startedAt = performance.now();
    const conversations = [...this.#conversations];
    let begunCount = 0;
    for (;;) {
      const dueCount = countDue(conversations.length, performance.now() - startedAt);
      for (const conversation of conversations.slice(begunCount, dueCount)) this.#end(conversation);
      begunCount = dueCount;
      if (begunCount === conversations.length) return;
      await pause(WAVE_EVERY_MS);
    }
  }

  /** A session that has ended by itself meanwhile is left alone. */
  #end(conversation: Conversation): void {
    if (this.#conversations.has(conversation)) void conversation.drain(IN_FLIGHT_GRACE_MS);
  }

  #noteIfEmpty(): void {
    if (this.#isDraining && this.#conversations.size === 0) this.#empty.resolve();
  }

  readonly #upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', ignoreReset);
    const refusal =
      this.#judge(request) ?? this.#findRefusal() ?? this.#takeOfAddress(request) ?? this.#takeOfInstance();
    if (refusal !== null) return this.#refuse(socket, refusal);
    this.#wss.handleUpgrade(request, socket, head, (ws) => this.#converse(ws, socket));
  };

  /** What is wrong with the request itself. */
  #judge({ url = '', headers }: IncomingMessage): UpgradeRefusal | null {
    if (url.split('?', 1)[0] !== WEBSOCKET_PATH) return NO_SUCH_PATH;
    if (tokenParameterOf(url) !== null) return TOKEN_IN_ADDRESS;
    return isAllowedOrigin(headers, this.#allowedOrigins) ? null : NO_SUCH_ORIGIN;
  }

  #findRefusal(): UpgradeRefusal | null {
    const { maxConnections } = this.#options.limits;
    if (this.#isDraining) return unavailable('draining', 'This instance is stopping.');
    if (this.#conversations.size < maxConnections) return null;
    return unavailable('connections', `This instance takes ${maxConnections} connections.`);
  }

  /** Behind what one address may, which else would use up what all others may. */
  #takeOfInstance(): UpgradeRefusal | null {
    if (this.#connects.take(1, performance.now())) return null;
    const { maxConnectsPerSecond } = this.#options.limits;
    return unavailable('rate', `This instance takes ${maxConnectsPerSecond} connections a second.`);
  }

  #takeOfAddress(request: IncomingMessage): UpgradeRefusal | null {
    const { rate, addressOf } = this.#options.perAddress;
    const waitMs = rate.take(addressOf(request));
    if (waitMs === 0) return null;
    return {
      ...{ status: TOO_MANY, reason: 'address', retryAfterSeconds: Math.ceil(waitMs / 1_000) },
      sentence: `One address may open ${rate.perSecond} connections a second.`,
    };
  }

  #converse(ws: WebSocket, socket: Duplex): void {
    const connection = new Connection(ws, socket, this.#connectionOptions);
    const subProtocol = SUB_PROTOCOLS.get(ws.protocol) ?? null;
    const conversation = this.#options.createConversation(connection, { sessionId: randomUUID(), subProtocol });
    this.#conversations.add(conversation);
    const { traffic } = this.#options.metrics;
    ws.on('message', (bytes: RawData) => {
      traffic.receivedBytes += (bytes as Buffer).length; // binaryType is nodebuffer
      conversation.receiveBytes(bytes as Buffer);
    });
    ws.on('pong', () => conversation.noteSignOfLife());
    ws.on('error', (error) => {
      connection.noteEnd(isTooBig(error) ? 'TOO_BIG' : 'PROTOCOL');
      this.#options.logger.debug({ err: error }, 'a WebSocket failed');
    });
    ws.once('close', (code) => {
      connection.noteEnd(code === LOST_CODE ? 'LOST' : 'CLIENT', code);
      this.#conversations.delete(conversation);
      conversation.socketClosed();
      this.#noteIfEmpty();
    });
  }

  /** Answers and cuts: an upgraded socket has no timeout of the server's, and its client may keep its half open. */
  #refuse(socket: Duplex, { status, reason, sentence, retryAfterSeconds }: UpgradeRefusal): void {
    this.#options.metrics.refusedUpgrades.inc({ reason });
    const body = `${sentence}\n`;
    this.#refused.add(socket);
    socket.once('close', () => this.#refused.delete(socket));
    socket.once('finish', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status}\r\nConnection: close\r\n${retryAfterSeconds === undefined ? '' : `Retry-After: ${retryAfterSeconds}\r\n`}Content-Type: text/plain\r\n${SAFE_HEADER_LINES}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  #sumSockets(): SocketSums {
    let queuedBytes = 0;
    for (const { receiver } of this.#conversations) queuedBytes += receiver.outboundBytes;
    return { connectionCount: this.#conversations.size, queuedBytes };
  }

  #sweep(): void {
    for (const conversation of this.#conversations) conversation.sweep();
  }
}

/** The public port speaks WebSocket alone; whoever comes without is told so. */
export function answerPlainHttp(request: IncomingMessage, response: ServerResponse): void {
  const isHere = (request.url ?? '').split('?', 1)[0] === WEBSOCKET_PATH;
  response
    .writeHead(isHere ? 426 : 404, {
      ...{ 'content-type': 'text/plain', ...SAFE_HEADERS },
      ...(isHere && { upgrade: 'websocket' }),
    })
    .end(isHere ? 'This address speaks STOMP over WebSocket.\n' : 'WebSockets are at /ws.\n');
}

/** ws itself closes for what no frame of STOMP could cause: a message over its limit, or bytes that are no WebSocket frame. */
function isTooBig(error: Error): boolean {
  return 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
}

/** A peer that resets is no error of ours; the close that follows says all there is to say. */
function ignoreReset(): void {}
