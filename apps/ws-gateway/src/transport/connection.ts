import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { CLOSE_LINGER_MS } from '../limits.ts';
import type { CloseReason } from '../stomp/close-reasons.ts';
import { CLOSE_CODES } from './close-codes.ts';
import type { Flushable, FlushQueue } from './flush-queue.ts';
import type { ConversationLink } from './conversation.ts';

export interface ConnectionLimits {
  /** Bytes waiting for the client over which the connection is closed with 1013. */
  readonly maxOutboundBytes: number;
  /** Bytes waiting for the client over which frames that may be missed are not queued. */
  readonly shedOutboundBytes: number;
}

/**
 * One WebSocket with its bounded outbound queue. Frames come ready as WebSocket frames, are collected over one turn of
 * the event loop and written together; their order is kept. They go straight to the socket below ws, which sends
 * nothing of its own between them but whole control frames.
 */
export class Connection implements Flushable, ConversationLink {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #flushQueue: FlushQueue;
  readonly #limits: ConnectionLimits;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #lastSentAt = 0;
  #stalledSince: number | null = null;
  #closing = false;
  #lingerTimer: NodeJS.Timeout | undefined;

  constructor(ws: WebSocket, socket: Duplex, flushQueue: FlushQueue, limits: ConnectionLimits) {
    this.#ws = ws;
    this.#socket = socket;
    this.#flushQueue = flushQueue;
    this.#limits = limits;
    ws.once('close', () => clearTimeout(this.#lingerTimer));
    socket.on('drain', () => (this.#stalledSince = null));
  }

  /** Unix ms of the last hand-over of bytes to the system; 0 before the first. */
  get lastSentAt(): number {
    return this.#lastSentAt;
  }

  /** Bytes that the client has not taken yet. */
  get outboundBytes(): number {
    return this.#pendingBytes + this.#socket.writableLength;
  }

  /** Since when, in Unix ms, the system has held bytes that the client does not take; null while it takes them. */
  get stalledSince(): number | null {
    return this.#stalledSince;
  }

  /** Queues a whole WebSocket frame, which others may share. Closes the connection when the client is too slow. */
  sendFramed(frame: Buffer): void {
    if (this.#closing) return;
    if (this.outboundBytes + frame.length > this.#limits.maxOutboundBytes) {
      this.close('OVERLOADED');
      return;
    }
    if (this.#pending.push(frame) === 1) this.#flushQueue.add(this);
    this.#pendingBytes += frame.length;
  }

  /** Queues a frame that a slow client may miss; false when it was shed. */
  sendSheddable(frame: Buffer): boolean {
    if (this.outboundBytes + frame.length > this.#limits.shedOutboundBytes) return false;
    this.sendFramed(frame);
    return true;
  }

  flush(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#lastSentAt = Date.now();
    if (this.#socket.destroyed) return;
    this.#socket.cork();
    for (const frame of pending) this.#socket.write(frame);
    this.#socket.uncork();
    if (this.#socket.writableNeedDrain) this.#stalledSince ??= this.#lastSentAt;
  }

  pauseReading(): void {
    this.#ws.pause();
  }

  resumeReading(): void {
    if (!this.#closing) this.#ws.resume();
  }

  /** A WebSocket ping; its pong is a sign of life. */
  ping(): void {
    if (!this.#closing) this.#ws.ping();
  }

  /** Sends what is queued, then the close frame; the socket goes at the latest after the linger time. */
  close(reason: CloseReason): void {
    if (this.#closing) return;
    this.flush();
    this.#closing = true;
    const { code, meaning } = CLOSE_CODES[reason];
    this.#ws.resume(); // a paused socket would never read the client's answer
    this.#ws.close(code, meaning);
    this.#lingerTimer = setTimeout(() => this.#ws.terminate(), CLOSE_LINGER_MS);
  }

  /** Cuts the socket at once. */
  terminate(): void {
    this.#closing = true;
    this.#ws.terminate();
  }
}
