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

export interface ConnectionOptions {
  readonly flushQueue: FlushQueue;
  readonly limits: ConnectionLimits;
  /** Told once of a close by this side, whoever asked for it. */
  readonly closing: (reason: CloseReason) => void;
}

/**
 * One WebSocket with its bounded outbound queue. Frames come ready as WebSocket frames, are collected over one turn of
 * the event loop and written together; their order is kept. They go straight to the socket below ws, which sends
 * nothing of its own between them but whole control frames. The socket is given no more than its high-water mark at a
 * time, so that each lot it has passed on shows that the client takes bytes.
 */
export class Connection implements Flushable, ConversationLink {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #options: ConnectionOptions;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #lastSentAt = 0;
  #stalledSince: number | null = null;
  #closing = false;
  #lingerTimer: NodeJS.Timeout | undefined;
  #waitingForRoom: Array<{ readonly maxBytes: number; readonly resolve: () => void }> = [];

  constructor(ws: WebSocket, socket: Duplex, options: ConnectionOptions) {
    this.#ws = ws;
    this.#socket = socket;
    this.#options = options;
    ws.once('close', () => clearTimeout(this.#lingerTimer));
    socket.on('drain', () => {
      this.#stalledSince = null;
      this.flush();
      this.#tellOfRoom();
    });
  }

  /** Unix ms of the last hand-over of bytes to the system; 0 before the first. */
  get lastSentAt(): number {
    return this.#lastSentAt;
  }

  /** Bytes that the client has not taken yet. */
  get outboundBytes(): number {
    return this.#pendingBytes + this.#socket.writableLength;
  }

  /** Since when, in Unix ms, the client has taken nothing of a lot that waits for it; null while nothing waits. */
  get stalledSince(): number | null {
    return this.#stalledSince;
  }

  /** Queues a whole WebSocket frame, which others may share. Closes the connection when the client is too slow. */
  sendFramed(frame: Buffer): void {
    if (this.#closing) return;
    if (!this.#hasRoomFor(frame, this.#options.limits.maxOutboundBytes)) {
      this.close('OVERLOADED');
      return;
    }
    if (this.#pending.push(frame) === 1) this.#options.flushQueue.add(this);
    this.#pendingBytes += frame.length;
  }

  /** Queues a frame that a slow client may miss; false when it was shed. */
  sendSheddable(frame: Buffer): boolean {
    if (!this.#hasRoomFor(frame, this.#options.limits.shedOutboundBytes)) return false;
    this.sendFramed(frame);
    return true;
  }

  whenTaken(maxBytes: number): Promise<void> | null {
    this.flush();
    if (this.outboundBytes <= maxBytes) return null;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waitingForRoom.push({ maxBytes, resolve });
    return promise;
  }

  #tellOfRoom(): void {
    const isTaken = ({ maxBytes }: { maxBytes: number }) => this.outboundBytes <= maxBytes;
    for (const waiting of this.#waitingForRoom.filter(isTaken)) waiting.resolve();
    this.#waitingForRoom = this.#waitingForRoom.filter((waiting) => !isTaken(waiting));
  }

  /** Writes what is queued, as far as the socket has room. */
  flush(): void {
    this.#handOver(this.#socket.writableHighWaterMark);
  }

  /** What only this turn has collected is no sign of a slow client: it goes before the client is judged. */
  #hasRoomFor(frame: Buffer, maxBytes: number): boolean {
    if (this.outboundBytes + frame.length <= maxBytes) return true;
    this.flush();
    return this.outboundBytes + frame.length <= maxBytes;
  }

  /** Writes frames while the socket holds fewer than `maxHeldBytes` that the system has not taken. */
  #handOver(maxHeldBytes: number): void {
    if (this.#pending.length === 0) return;
    if (this.#ws.readyState !== this.#ws.OPEN) return this.#forget(this.#pending.length, this.#pendingBytes);
    const socket = this.#socket;
    let count = 0;
    let bytes = 0;
    socket.cork();
    for (const frame of this.#pending) {
      if (socket.writableLength >= maxHeldBytes) {
        socket.uncork(); // what the system takes at once is no backlog
        if (socket.writableLength >= maxHeldBytes) break;
        socket.cork();
      }
      socket.write(frame);
      count += 1;
      bytes += frame.length;
    }
    socket.uncork();
    this.#forget(count, bytes);
    if (count > 0) this.#lastSentAt = Date.now();
    if (socket.writableNeedDrain && socket.writableLength > 0) this.#stalledSince ??= Date.now();
  }

  #forget(count: number, bytes: number): void {
    if (count === this.#pending.length) this.#pending = [];
    else this.#pending.splice(0, count);
    this.#pendingBytes -= bytes;
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
    this.#handOver(Infinity);
    this.#closing = true;
    this.#options.closing(reason);
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
