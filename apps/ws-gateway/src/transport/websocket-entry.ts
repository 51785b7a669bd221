import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { pause, type Logger, type Service } from '@chat/service-kit';
import { chooseSubProtocol, SUB_PROTOCOLS, type StompVersion } from '@chat/stomp';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { IN_FLIGHT_GRACE_MS, WS_MESSAGE_MAX_BYTES } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { Connection, type ConnectionLimits } from './connection.ts';
import type { Conversation, ConversationLink } from './conversation.ts';
import { FlushQueue } from './flush-queue.ts';

/** The one path that answers a WebSocket upgrade. */
const WEBSOCKET_PATH = '/ws';
/** How often each conversation is looked at by the clock, in ms. */
const SWEEP_MS = 250;
/** Smallest number of conversations that are closed together while draining, and the pause between two waves, in ms. */
const DRAIN_WAVE_MIN_SIZE = 500;
const DRAIN_WAVE_PAUSE_MS = 100;
/** By when the last wave has been closed, in ms; the first may wait for its SENDs in flight as long as any. */
const DRAIN_DEADLINE_MS = 15_000;
const DRAIN_MAX_WAVES = (DRAIN_DEADLINE_MS - IN_FLIGHT_GRACE_MS) / DRAIN_WAVE_PAUSE_MS;

export interface WebSocketEntryOptions {
  readonly server: Server;
  readonly connectionLimits: ConnectionLimits;
  readonly maxConnections: number;
  readonly createConversation: (
    link: ConversationLink,
    about: { sessionId: string; subProtocol: StompVersion | null },
  ) => Conversation;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** Where WebSockets come in: upgrade, bytes to conversations, the clock over all of them, and their drain. */
export class WebSocketEntry implements Service {
  readonly name = 'websocket entry';
  readonly #options: WebSocketEntryOptions;
  readonly #conversations = new Set<Conversation>();
  /** Sockets whose refusal is still being written. */
  readonly #refused = new Set<Duplex>();
  readonly #flushQueue = new FlushQueue();
  readonly #wss: WebSocketServer;
  #sweepTimer: NodeJS.Timeout | undefined;
  #isDraining = false;

  constructor(options: WebSocketEntryOptions) {
    this.#options = options;
    this.#wss = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: WS_MESSAGE_MAX_BYTES,
      handleProtocols: (offered) => chooseSubProtocol(offered) ?? false,
    });
  }

  start(): Promise<void> {
    this.#options.server.on('upgrade', this.#upgrade);
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_MS);
    return Promise.resolve();
  }

  /**
   * Takes no new sockets and reads from none; what is in flight is answered within one time for all. Then the
   * conversations end in waves, so that not all their clients come back at once.
   */
  async stop(): Promise<void> {
    this.#isDraining = true;
    for (const conversation of this.#conversations) conversation.stopReading();
    await this.#endInWaves();
    clearInterval(this.#sweepTimer);
    this.#flushQueue.flushAll();
    for (const socket of this.#refused) socket.destroy();
  }

  async #endInWaves(): Promise<void> {
    const graceEndAt = performance.now() + IN_FLIGHT_GRACE_MS;
    const conversations = [...this.#conversations];
    const waveSize = Math.max(DRAIN_WAVE_MIN_SIZE, Math.ceil(conversations.length / DRAIN_MAX_WAVES));
    for (let at = 0; at < conversations.length; at += waveSize) {
      if (at > 0) await pause(DRAIN_WAVE_PAUSE_MS);
      const leftMs = Math.max(0, graceEndAt - performance.now());
      await Promise.all(conversations.slice(at, at + waveSize).map((conversation) => conversation.finish(leftMs)));
    }
  }

  readonly #upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', ignoreReset);
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== WEBSOCKET_PATH) return this.#refuse(socket, '404 Not Found', 'WebSockets are at /ws.');
    if (this.#isDraining) return this.#refuse(socket, '503 Service Unavailable', 'This instance is stopping.');
    if (this.#conversations.size >= this.#options.maxConnections) {
      return this.#refuse(
        socket,
        '503 Service Unavailable',
        `This instance takes ${this.#options.maxConnections} connections.`,
      );
    }
    this.#wss.handleUpgrade(request, socket, head, (ws) => this.#converse(ws, socket));
  };

  #converse(ws: WebSocket, socket: Duplex): void {
    const connection = new Connection(ws, socket, {
      flushQueue: this.#flushQueue,
      limits: this.#options.connectionLimits,
      closing: (reason) => this.#options.metrics.closes.inc({ reason }),
    });
    const subProtocol = SUB_PROTOCOLS.get(ws.protocol) ?? null;
    const conversation = this.#options.createConversation(connection, { sessionId: randomUUID(), subProtocol });
    this.#conversations.add(conversation);
    ws.on('message', (bytes: RawData) => conversation.receiveBytes(bytes as Buffer)); // binaryType is nodebuffer
    ws.on('pong', () => conversation.noteSignOfLife());
    ws.on('error', (error) => this.#options.logger.debug({ err: error }, 'a WebSocket failed'));
    ws.once('close', () => {
      this.#conversations.delete(conversation);
      conversation.socketClosed();
    });
  }

  /** Answers and cuts: an upgraded socket has no timeout of the server's, and its client may keep its half open. */
  #refuse(socket: Duplex, status: string, sentence: string): void {
    const body = `${sentence}\n`;
    this.#refused.add(socket);
    socket.once('close', () => this.#refused.delete(socket));
    socket.once('finish', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  #sweep(): void {
    for (const conversation of this.#conversations) conversation.sweep();
  }
}

/** The public port speaks WebSocket alone; whoever comes without is told so. */
export function answerPlainHttp(request: IncomingMessage, response: ServerResponse): void {
  const isHere = (request.url ?? '').split('?', 1)[0] === WEBSOCKET_PATH;
  response
    .writeHead(isHere ? 426 : 404, { 'content-type': 'text/plain', ...(isHere && { upgrade: 'websocket' }) })
    .end(isHere ? 'This address speaks STOMP over WebSocket.\n' : 'WebSockets are at /ws.\n');
}

/** A peer that resets is no error of ours; the close that follows says all there is to say. */
function ignoreReset(): void {}
