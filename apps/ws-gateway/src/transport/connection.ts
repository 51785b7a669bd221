import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { CLOSE_LINGER_MS } from '../limits.ts';
import type { CloseReason } from '../stomp/close-reasons.ts';
import type { Traffic } from '../metrics.ts';
import { CLOSE_CODES, type EndReason } from './close-codes.ts';
import type { Flushable, FlushQueue } from './flush-queue.ts';
import type { ConversationLink } from './conversation.ts';
import type { ScratchBuffers } from './scratch-buffers.ts';

export interface ConnectionLimits {
  /** Bytes waiting for the client over which the connection is closed with 1013. */
  readonly maxOutboundBytes: number;
  /** Bytes waiting for the client over which frames that may be missed are not queued. */
  readonly shedOutboundBytes: number;
}

export interface ConnectionOptions {
  readonly flushQueue: FlushQueue;
  readonly scratch: ScratchBuffers;
  readonly limits: ConnectionLimits;
  /** Told of each frame that a slow client misses. */
  readonly shed: () => void;
  /** Told once of the end; `clientCode` is that of the client's close frame. */
  readonly ending: (reason: EndReason, clientCode: number) => void;
  readonly traffic: Traffic;
}

/** Bytes that the system is given at a time, but for a frame that is longer: each lot it takes shows that the client takes bytes. */
const LOT_BYTES = 65_536;

/**
 * One WebSocket with its bounded outbound queue. Frames come ready as WebSocket frames, are collected over one turn of
 * the event loop and written together; their order is kept. They go straight to the system, by what the stream below ws
 * writes with itself: its own queue would cost half of what a write does, and this one is bounded. ws sends nothing of its
 * own between them but whole control frames, which the system takes in the order of the calls.
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
  #isEndTold = false;
  /** Given to the system and not taken yet; more than one write only at the close. */
  #writeCount = 0;
  #writingBytes = 0;
  #isWriting = false;
  #lingerTimer: NodeJS.Timeout | undefined;
  #waitingForRoom: Array<{ readonly maxBytes: number; readonly resolve: () => void }> = [];

  constructor(ws: WebSocket, socket: Duplex, options: ConnectionOptions) {
    this.#ws = ws;
    this.#socket = socket;
    this.#options = options;
    ws.once('close', () => clearTimeout(this.#lingerTimer));
  }

  /** Unix ms of the last hand-over of bytes to the system; 0 before the first. */
  get lastSentAt(): number {
    return this.#lastSentAt;
  }

  /** Bytes that the client has not taken yet. */
  get outboundBytes(): number {
    return this.#pendingBytes + this.#writingBytes;
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
    const hasRoom = this.#hasRoomFor(frame, this.#options.limits.shedOutboundBytes);
    if (hasRoom) this.sendFramed(frame);
    else this.#options.shed();
    return hasRoom;
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

  /** Writes what is queued, as far as the system takes it at once. */
  flush(): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return void this.#forget(this.#pending.length);
    while (this.#pending.length > 0 && this.#writeCount === 0) this.#write(this.#nextLotCount());
    if (this.#writeCount > 0) this.#stalledSince ??= Date.now();
  }

  /** What only this turn has collected is no sign of a slow client: it goes before the client is judged. */
  #hasRoomFor(frame: Buffer, maxBytes: number): boolean {
    if (this.outboundBytes + frame.length <= maxBytes) return true;
    this.flush();
    return this.outboundBytes + frame.length <= maxBytes;
  }

  /** Frames of the next lot, at least one. */
  #nextLotCount(): number {
    if (this.#pendingBytes <= LOT_BYTES) return this.#pending.length;
    let bytes = 0;
    const end = this.#pending.findIndex((frame) => (bytes += frame.length) > LOT_BYTES);
    return Math.max(1, end);
  }

  /** Gives the system the first frames of the queue in one call. */
  #write(count: number): void {
    if (count === 0) return;
    const before = this.#pendingBytes;
    const lot = this.#forget(count);
    const lotBytes = before - this.#pendingBytes;
    this.#writeCount += 1;
    this.#writingBytes += lotBytes;
    this.#lastSentAt = Date.now();
    this.#options.traffic.sentBytes += lotBytes;
    this.#options.traffic.writes += 1;
    this.#isWriting = true;
    const [first] = lot;
    if (first !== undefined && count === 1) this.#writeBytes(first);
    else this.#writeTogether(lot, lotBytes);
    this.#isWriting = false;
  }

  /** Copies frames behind each other: the system takes one piece of memory at half the cost of many. */
  #writeTogether(lot: readonly Buffer[], lotBytes: number): void {
    const { scratch: buffers } = this.#options;
    const scratch = buffers.take(lotBytes);
    let end = 0;
    for (const frame of lot) {
      scratch.set(frame, end);
      end += frame.length;
    }
    this.#writeBytes(scratch.subarray(0, lotBytes));
    if (this.#writeCount === 0) buffers.giveBack(scratch);
  }

  #writeBytes(bytes: Buffer): void {
    this.#socket._write(bytes, 'buffer' as BufferEncoding, this.#written);
  }

  /** The system has taken a lot, during the call or later, or never will. */
  readonly #written = (error?: Error | null): void => {
    this.#writeCount -= 1;
    if (error !== undefined && error !== null) return void this.#socket.destroy();
    if (this.#writeCount > 0) return;
    this.#writingBytes = 0;
    this.#stalledSince = null;
    if (this.#isWriting) return;
    this.flush();
    this.#tellOfRoom();
  };

  /** Takes the first frames out of the queue. */
  #forget(count: number): readonly Buffer[] {
    const isAll = count === this.#pending.length;
    const frames = isAll ? this.#pending : this.#pending.splice(0, count);
    if (isAll) this.#pending = [];
    this.#pendingBytes = isAll ? 0 : this.#pendingBytes - lengthOf(frames);
    return frames;
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
    if (this.#ws.readyState === this.#ws.OPEN) this.#write(this.#pending.length);
    this.#closing = true;
    this.noteEnd(reason);
    const { code, meaning } = CLOSE_CODES[reason];
    this.#ws.resume(); // a paused socket would never read the client's answer
    this.#ws.close(code, meaning);
    this.#lingerTimer = setTimeout(() => this.#ws.terminate(), CLOSE_LINGER_MS);
  }

  /** Cuts the socket at once. */
  terminate(): void {
    this.#closing = true;
    this.noteEnd('SILENT');
    this.#ws.terminate();
  }

  /** The socket ends, or has ended; the first reason counts. */
  noteEnd(reason: EndReason, clientCode = 0): void {
    if (this.#isEndTold) return;
    this.#isEndTold = true;
    this.#options.ending(reason, clientCode);
  }
}

function lengthOf(frames: readonly Buffer[]): number {
  let bytes = 0;
  for (const frame of frames) bytes += frame.length;
  return bytes;
}
