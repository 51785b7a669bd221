import { EMPTY_BODY, mayHaveBody, type StompFrame, type StompVersion } from './frame.ts';
import { allowsCr, findReceipt, parseHead, type FrameHead } from './head.ts';
import { DEFAULT_FRAME_LIMITS, type FrameLimits } from './limits.ts';
import { StompProtocolError, type ProtocolErrorCode } from './protocol-error.ts';

/*
 * Grammar (1.2, "Augmented BNF"; differences of 1.0 and 1.1 beside it):
 *
 *   stream  = *( EOL / frame )             an EOL between frames is a heart-beat
 *   frame   = command EOL *( header EOL ) EOL body NUL
 *   command = one of the version's client or server commands
 *   header  = name ":" value               split at the first colon; nothing is trimmed; the name is never empty
 *   EOL     = [CR] LF                      LF in 1.0 and 1.1, where a CR is a character of the header
 *   body    = content-length bytes, NULs included, or all bytes up to the first NUL
 *
 * Narrower than the BNF on one point: a head never holds a NUL. So a frame without its empty line is a fault at its
 * NUL, instead of swallowing the frame behind it. Wider on one: a colon in a value need not be escaped.
 *
 * Why one pass is enough: each byte is looked at once, by the search for the end of the head or for the NUL of the
 * body, however the stream is cut; the search stops at the limits, so that the same bytes give the same frames and the
 * same error under every cut. A head is decoded from UTF-8 as a whole when its empty line has come.
 */

export const HEART_BEAT = 'heart-beat';
export type ParserEvent = StompFrame | typeof HEART_BEAT;

const NUL = 0;
const LF = 10;
const CR = 13;
const NO_BYTES = new Uint8Array(0);
const MIN_BUFFER_BYTES = 256;
const LIMIT_NAMES = Object.keys(DEFAULT_FRAME_LIMITS) as (keyof FrameLimits)[]; // its own

/**
 * Streaming parser of one direction of one STOMP conversation. `push` gives it bytes and `next` takes one event at a
 * time, so that a version set on CONNECT holds for the next frame of the same chunk. Once `next` has said null it holds
 * at most `maxFrameBytes`, and no chunk of the caller's. After an error it is dead: `next` throws the same one again.
 */
export class FrameParser {
  readonly #limits: FrameLimits;
  #version: StompVersion | null = null;
  #buffer: Uint8Array = NO_BYTES;
  /** Whether the buffer is ours to write to, rather than the caller's last chunk. */
  #owned = false;
  /** Offsets in the buffer: of the frame being read, behind the last byte, of the next byte to look at. */
  #start = 0;
  #end = 0;
  #scanned = 0;
  #lineStart = 0;
  /** Complete lines of the head so far, the command's included. */
  #lineCount = 0;
  #head: FrameHead | null = null;
  #bodyStart = 0;
  /** Whether `next` has said null since the last push. */
  #drained = true;
  #error: StompProtocolError | null = null;

  /** Limits that are all there are kept as they are, so that the parsers of all conversations may share them. */
  constructor(limits: Partial<FrameLimits> = {}) {
    this.#limits = isComplete(limits) ? limits : { ...DEFAULT_FRAME_LIMITS, ...limits };
  }

  /** From the next frame on the rules of this version hold; before the first call it is unknown. */
  setVersion(version: StompVersion): void {
    this.#version = version;
  }

  /** Bytes received and not yet taken as events. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** Bytes of the memory in which they wait. */
  get heldBytes(): number {
    return this.#buffer.length;
  }

  /**
   * Takes a chunk in. It must not be changed before `next` says null, nor while a body is in use: bodies are views of
   * it, or of a buffer of ours that is not written to again.
   */
  push(chunk: Uint8Array): void {
    if (this.#error !== null || chunk.length === 0) return;
    if (this.#start === this.#end) this.#adopt(chunk);
    else this.#append(chunk);
    this.#drained = false;
  }

  /** The next frame or heart-beat, or null until more bytes come. Throws a StompProtocolError. */
  next(): ParserEvent | null {
    if (this.#error !== null) throw this.#error;
    try {
      return this.#takeHeartBeat() ?? this.#takeFrame() ?? this.#drain();
    } catch (error) {
      throw error instanceof StompProtocolError ? this.#die(error) : error;
    }
  }

  /** An EOL where a frame could begin, which no frame begins with. Without its LF a CR begins a malformed command. */
  #takeHeartBeat(): typeof HEART_BEAT | null {
    const start = this.#start;
    if (start === this.#end) return null;
    const first = this.#buffer[start];
    if (first === LF) return this.#skip(1);
    const isCrLf = first === CR && allowsCr(this.#version) && start + 1 < this.#end && this.#buffer[start + 1] === LF;
    return isCrLf ? this.#skip(2) : null;
  }

  #skip(length: number): typeof HEART_BEAT {
    this.#start += length;
    this.#startFrame();
    return HEART_BEAT;
  }

  #takeFrame(): StompFrame | null {
    this.#head ??= this.#scanHead();
    if (this.#head === null) return null;
    const bodyEnd = this.#findBodyEnd(this.#head);
    return bodyEnd === null ? null : this.#finish(this.#head, bodyEnd);
  }

  /** Looks for the empty line that ends the head, from where it stopped last and no further than the limits. */
  #scanHead(): FrameHead | null {
    const buffer = this.#buffer;
    let stop = this.#scanStop();
    for (let at = this.#scanned; at < stop; at += 1) {
      const byte = buffer[at];
      if (byte === LF) {
        if (this.#isEmptyLine(at)) return this.#readHead(at + 1);
        this.#endLine(at);
        stop = this.#scanStop();
      } else if (byte === NUL) {
        throw fault('MALFORMED_FRAME', 'The frame ends before the empty line behind its headers.');
      }
    }
    this.#scanned = stop;
    this.#checkHead(stop);
    return null;
  }

  /** Where the search must end for now: a line may have its bytes, a CR and an LF; a head needs room for its NUL. */
  #scanStop(): number {
    const lineStop = this.#lineStart + this.#lineLimit() + 2;
    return Math.min(this.#end, lineStop, this.#start + this.#limits.maxFrameBytes);
  }

  #lineLimit(): number {
    return this.#lineCount === 0 ? this.#limits.maxCommandBytes : this.#limits.maxHeaderBytes;
  }

  #isEmptyLine(lineFeedAt: number): boolean {
    const length = lineFeedAt - this.#lineStart;
    return length === 0 || (length === 1 && allowsCr(this.#version) && this.#buffer[this.#lineStart] === CR);
  }

  #endLine(lineFeedAt: number): void {
    const hasCr = allowsCr(this.#version) && this.#buffer[lineFeedAt - 1] === CR;
    const length = lineFeedAt - this.#lineStart - (hasCr ? 1 : 0);
    if (length > this.#lineLimit()) throw this.#lineTooLong();
    const { maxHeaderCount } = this.#limits;
    if (this.#lineCount > maxHeaderCount) {
      throw fault('TOO_MANY_HEADERS', `A frame may have at most ${maxHeaderCount} headers.`);
    }
    this.#lineCount += 1;
    this.#lineStart = lineFeedAt + 1;
  }

  #checkHead(end: number): void {
    if (end - this.#start >= this.#limits.maxFrameBytes) throw this.#frameTooLarge();
    if (end - this.#lineStart >= this.#lineLimit() + 2) throw this.#lineTooLong();
  }

  #lineTooLong(): StompProtocolError {
    const { maxCommandBytes, maxHeaderBytes } = this.#limits;
    return this.#lineCount === 0
      ? fault('COMMAND_TOO_LONG', `A frame command may have at most ${maxCommandBytes} bytes.`)
      : fault('HEADER_TOO_LONG', `A header line may have at most ${maxHeaderBytes} bytes.`);
  }

  #frameTooLarge(): StompProtocolError {
    return fault('FRAME_TOO_LARGE', `A frame may have at most ${this.#limits.maxFrameBytes} bytes.`);
  }

  #readHead(bodyStart: number): FrameHead {
    const head = parseHead(this.#buffer.subarray(this.#start, this.#lineStart), this.#version);
    this.#head = head; // before the checks, which are faults of a frame whose head is known
    this.#bodyStart = bodyStart;
    this.#scanned = bodyStart;
    if (head.bodyLength !== null) this.#checkBody(head.command, head.bodyLength);
    return head;
  }

  /** Refuses a body of so many bytes, which may be more by the time that its NUL has come; the tighter limit speaks. */
  #checkBody(command: string, length: number): void {
    const { maxBodyBytes, maxFrameBytes } = this.#limits;
    const room = maxFrameBytes - (this.#bodyStart - this.#start) - 1;
    if (room < 0) throw this.#frameTooLarge();
    if (length > 0 && !mayHaveBody(command, this.#version)) {
      throw fault('BODY_NOT_ALLOWED', `A ${command} frame must not have a body.`);
    }
    if (length <= room && length <= maxBodyBytes) return;
    throw room <= maxBodyBytes
      ? this.#frameTooLarge()
      : fault('BODY_TOO_LARGE', `A body may have at most ${maxBodyBytes} bytes.`);
  }

  /** Offset of the NUL behind the body, or null until it has come. */
  #findBodyEnd({ command, bodyLength }: FrameHead): number | null {
    if (bodyLength === null) return this.#findNul(command);
    const end = this.#bodyStart + bodyLength;
    if (end >= this.#end) return null;
    if (this.#buffer[end] === NUL) return end;
    throw fault('BAD_CONTENT_LENGTH', `No NUL follows the ${bodyLength} bytes of content-length.`);
  }

  #findNul(command: string): number | null {
    const found = this.#buffer.subarray(0, this.#end).indexOf(NUL, this.#scanned);
    const seen = found < 0 ? this.#end : found;
    this.#checkBody(command, seen - this.#bodyStart);
    this.#scanned = seen;
    return found < 0 ? null : found;
  }

  #finish({ command, headers }: FrameHead, bodyEnd: number): StompFrame {
    const body = bodyEnd === this.#bodyStart ? EMPTY_BODY : this.#buffer.subarray(this.#bodyStart, bodyEnd);
    this.#start = bodyEnd + 1;
    this.#startFrame();
    return { command, headers, body };
  }

  #startFrame(): void {
    this.#head = null;
    this.#scanned = this.#start;
    this.#lineStart = this.#start;
    this.#lineCount = 0;
  }

  #adopt(chunk: Uint8Array): void {
    this.#buffer = chunk;
    this.#owned = false;
    this.#start = 0;
    this.#end = chunk.length;
    this.#startFrame();
  }

  #append(chunk: Uint8Array): void {
    const needed = this.bufferedBytes + chunk.length;
    const { maxBacklogBytes } = this.#limits;
    if (!this.#drained && needed > maxBacklogBytes) {
      this.#die(fault('BACKLOG_TOO_LARGE', `At most ${maxBacklogBytes} bytes may wait to be taken as frames.`));
      return;
    }
    if (!this.#owned || this.#buffer.length - this.#end < chunk.length) this.#moveTo(this.#roomFor(needed));
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * Twice what is needed, so that one-byte chunks cost linear time. The buffer of one frame never outgrows its limit,
   * and what goes beyond it is about to be taken, unless nobody takes.
   */
  #roomFor(needed: number): Uint8Array {
    const { maxFrameBytes } = this.#limits;
    const roomy = Math.max(MIN_BUFFER_BYTES, needed * 2);
    if (needed <= maxFrameBytes) return new Uint8Array(Math.min(roomy, maxFrameBytes));
    return new Uint8Array(this.#drained ? needed : roomy);
  }

  #moveTo(room: Uint8Array): void {
    room.set(this.#buffer.subarray(this.#start, this.#end));
    const moved = this.#start;
    this.#buffer = room;
    this.#owned = true;
    this.#start = 0;
    this.#end -= moved;
    this.#scanned -= moved;
    this.#lineStart -= moved;
    this.#bodyStart -= moved;
  }

  /** Nothing more to take: lets go of the caller's chunk, and of a buffer that is larger than a frame may be. */
  #drain(): null {
    this.#drained = true;
    if (this.#start === this.#end) this.#release();
    else if (!this.#owned || this.#buffer.length > this.#limits.maxFrameBytes) {
      this.#moveTo(this.#roomFor(this.bufferedBytes));
    }
    return null;
  }

  #release(): void {
    this.#adopt(NO_BYTES);
  }

  #die(error: StompProtocolError): StompProtocolError {
    this.#error = new StompProtocolError(error.code, error.message, this.#receiptAtFault());
    this.#release();
    return this.#error;
  }

  #receiptAtFault(): string | undefined {
    if (this.#head !== null) return this.#head.headers.find(([name]) => name === 'receipt')?.[1];
    return findReceipt(this.#buffer.subarray(this.#start, this.#lineStart), this.#version);
  }
}

function fault(code: ProtocolErrorCode, message: string): StompProtocolError {
  return new StompProtocolError(code, message);
}

function isComplete(limits: Partial<FrameLimits>): limits is FrameLimits {
  return LIMIT_NAMES.every((name) => limits[name] !== undefined);
}
