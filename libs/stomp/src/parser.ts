import { unescapeHeader } from './escapes.ts';
import { EMPTY_BODY, mayHaveBody, type StompFrame, type StompHeader, type StompVersion } from './frame.ts';
import { DEFAULT_FRAME_LIMITS, type FrameLimits } from './limits.ts';
import { StompProtocolError } from './protocol-error.ts';

/*
 * Grammar (1.2, "Augmented BNF"):
 *
 *   stream  = *( EOL / frame )            an EOL between frames is a heart-beat
 *   frame   = command EOL *( header EOL ) EOL body NUL
 *   header  = name ":" value              split at the first colon; nothing is trimmed
 *   EOL     = LF in 1.0 and 1.1, [CR] LF in 1.2 and until the version is known
 *   body    = content-length bytes, NULs included, or all bytes up to the first NUL
 *
 * Why one pass is enough: a head cannot hold a NUL, so a NUL before the empty line is a fault at once; a head is decoded
 * from UTF-8 as a whole when its empty line has arrived; each byte is looked at once, however the stream is cut.
 */

export const HEART_BEAT = 'heart-beat';
export type ParserEvent = StompFrame | typeof HEART_BEAT;

const LF = 10;
const CR = 13;
const NUL = 0;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NO_BYTES = new Uint8Array(0);

interface Head {
  readonly command: string;
  readonly headers: readonly StompHeader[];
  /** Offset of the body's first byte in the buffer. */
  readonly bodyStart: number;
  /** Bytes of the body as content-length tells; null where the body ends at the first NUL. */
  readonly bodyLength: number | null;
  readonly receiptId: string | undefined;
}

/**
 * Streaming parser of one direction of one STOMP conversation. `push` gives it bytes, `next` takes one event at a time,
 * so that a version set on CONNECT holds for the next frame of the same chunk. Holds at most one frame's limit beyond
 * the chunk last pushed. After a StompProtocolError it is dead: `next` throws the same error again.
 */
export class FrameParser {
  readonly #limits: FrameLimits;
  #version: StompVersion | null = null;
  #buffer: Uint8Array = NO_BYTES;
  /** Whether the buffer is ours, rather than the caller's last chunk. */
  #owned = false;
  #start = 0;
  #end = 0;
  #scanned = 0;
  #lineStart = 0;
  #lineCount = 0;
  #head: Head | null = null;
  #error: StompProtocolError | null = null;

  constructor(limits: FrameLimits = DEFAULT_FRAME_LIMITS) {
    this.#limits = limits;
  }

  /** From the next frame on the rules of this version hold. */
  setVersion(version: StompVersion): void {
    this.#version = version;
  }

  /** Bytes received and not yet taken as events. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** Takes a chunk in. The caller must not change it afterwards; bodies may be views of it. */
  push(chunk: Uint8Array): void {
    if (this.#error !== null || chunk.length === 0) return;
    if (this.#start === this.#end) this.#adopt(chunk);
    else this.#append(chunk);
  }

  /** The next frame or heart-beat, or null until more bytes come. Throws a StompProtocolError. */
  next(): ParserEvent | null {
    if (this.#error !== null) throw this.#error;
    try {
      return this.#next();
    } catch (error) {
      if (error instanceof StompProtocolError) this.#die(error);
      throw error;
    }
  }

  #next(): ParserEvent | null {
    if (this.#head === null) {
      if (this.#scanned === this.#start && this.#takeHeartBeat()) return HEART_BEAT;
      this.#head = this.#scanHead();
      if (this.#head === null) return null;
    }
    const bodyEnd = this.#findBodyEnd(this.#head);
    return bodyEnd === null ? null : this.#finish(this.#head, bodyEnd);
  }

  /** An EOL where a frame could begin. A CR alone waits for its LF; one that no LF follows begins a malformed frame. */
  #takeHeartBeat(): boolean {
    const first = this.#buffer[this.#start];
    if (this.#start === this.#end) return false;
    if (first === LF) return this.#skip(1);
    if (first === CR && this.#allowsCr() && this.#end - this.#start > 1 && this.#buffer[this.#start + 1] === LF) {
      return this.#skip(2);
    }
    return false;
  }

  #skip(length: number): true {
    this.#start += length;
    this.#rewind();
    return true;
  }

  /** Looks for the empty line that ends the head, line by line, from where it stopped the last time. */
  #scanHead(): Head | null {
    for (let at = this.#scanned; at < this.#end; at += 1) {
      const byte = this.#buffer[at];
      if (byte === LF) {
        const line = this.#lineLength(at);
        if (line === 0) return this.#readHead(at);
        this.#checkLine(line);
        this.#lineCount += 1;
        this.#lineStart = at + 1;
      } else if (byte === NUL) {
        throw new StompProtocolError('MALFORMED_FRAME', 'The frame ends before the empty line that ends its headers.');
      }
    }
    this.#scanned = this.#end;
    this.#checkLine(this.#end - this.#lineStart - 1); // a CR at the end may belong to the EOL
    this.#checkFrame(this.#end - this.#start);
    return null;
  }

  #lineLength(lineFeedAt: number): number {
    const length = lineFeedAt - this.#lineStart;
    return length > 0 && this.#allowsCr() && this.#buffer[lineFeedAt - 1] === CR ? length - 1 : length;
  }

  #allowsCr(): boolean {
    return this.#version === null || this.#version === '1.2';
  }

  #checkLine(length: number): void {
    const { maxHeaderBytes, maxHeaderCount } = this.#limits;
    if (length > maxHeaderBytes) {
      throw new StompProtocolError('HEADER_TOO_LONG', `A header line may have at most ${maxHeaderBytes} bytes.`);
    }
    if (this.#lineCount > maxHeaderCount) {
      throw new StompProtocolError('TOO_MANY_HEADERS', `A frame may have at most ${maxHeaderCount} headers.`);
    }
  }

  #checkFrame(length: number, receiptId?: string): void {
    const { maxFrameBytes } = this.#limits;
    if (length > maxFrameBytes) {
      throw new StompProtocolError('FRAME_TOO_LARGE', `A frame may have at most ${maxFrameBytes} bytes.`, receiptId);
    }
  }

  #readHead(emptyLineAt: number): Head {
    const lines = this.#decode(this.#buffer.subarray(this.#start, this.#lineStart)).split('\n');
    lines.pop(); // behind the last line feed there is nothing
    const command = this.#withoutCr(lines[0] ?? '');
    if (command === '') throw new StompProtocolError('MALFORMED_FRAME', 'The frame has no command.');
    const headers = this.#readHeaders(command, lines);
    const receiptId = headers.find(([name]) => name === 'receipt')?.[1];
    const bodyLength = contentLength(headers, receiptId);
    const bodyStart = emptyLineAt + 1;
    if (bodyLength !== null) this.#checkFrame(bodyStart - this.#start + bodyLength + 1, receiptId);
    this.#scanned = bodyStart;
    return { command, headers, bodyStart, bodyLength, receiptId };
  }

  #decode(bytes: Uint8Array): string {
    try {
      return UTF8.decode(bytes);
    } catch {
      throw new StompProtocolError('INVALID_UTF8', 'The command and headers of a frame must be UTF-8.');
    }
  }

  #withoutCr(line: string): string {
    return this.#allowsCr() && line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  #readHeaders(command: string, lines: readonly string[]): StompHeader[] {
    const escapedIn = this.#version === null || isUnescaped(command) ? '1.0' : this.#version;
    const headers: StompHeader[] = [];
    let receiptId: string | undefined;
    for (let at = 1; at < lines.length; at += 1) {
      const header = readHeader(this.#withoutCr(lines[at] ?? ''), escapedIn, receiptId);
      if (header[0] === 'receipt') receiptId ??= header[1];
      headers.push(header);
    }
    return headers;
  }

  /** Offset of the NUL behind the body, or null until it has come. */
  #findBodyEnd({ command, bodyStart, bodyLength, receiptId }: Head): number | null {
    if (bodyLength === null) return this.#findNul(command, bodyStart, receiptId);
    if (bodyLength > 0) this.#checkBodyAllowed(command, receiptId);
    const end = bodyStart + bodyLength;
    if (end >= this.#end) return null;
    if (this.#buffer[end] === NUL) return end;
    throw new StompProtocolError(
      'BAD_CONTENT_LENGTH',
      `No NUL follows the ${bodyLength} bytes of content-length.`,
      receiptId,
    );
  }

  #findNul(command: string, bodyStart: number, receiptId: string | undefined): number | null {
    const at = this.#buffer.subarray(0, this.#end).indexOf(NUL, this.#scanned);
    const seen = at < 0 ? this.#end : at;
    if (seen > bodyStart) this.#checkBodyAllowed(command, receiptId);
    this.#checkFrame(seen - this.#start + 1, receiptId);
    this.#scanned = seen;
    return at < 0 ? null : at;
  }

  #checkBodyAllowed(command: string, receiptId: string | undefined): void {
    if (this.#version === '1.0' || mayHaveBody(command)) return;
    throw new StompProtocolError(
      'BODY_NOT_ALLOWED',
      `A frame of command ${command.slice(0, 20)} must not have a body.`,
      receiptId,
    );
  }

  #finish({ command, headers, bodyStart }: Head, bodyEnd: number): StompFrame {
    const body = bodyEnd === bodyStart ? EMPTY_BODY : this.#bytes(bodyStart, bodyEnd);
    this.#start = bodyEnd + 1;
    this.#rewind();
    return { command, headers, body };
  }

  /** Bytes that outlive the buffer: a copy where the buffer is ours and will be written over. */
  #bytes(from: number, to: number): Uint8Array {
    return this.#owned ? this.#buffer.slice(from, to) : this.#buffer.subarray(from, to);
  }

  #rewind(): void {
    this.#head = null;
    this.#scanned = this.#start;
    this.#lineStart = this.#start;
    this.#lineCount = 0;
    if (this.#start === this.#end) this.#release();
  }

  #release(): void {
    this.#buffer = NO_BYTES;
    this.#owned = false;
    this.#start = this.#end = this.#scanned = this.#lineStart = 0;
  }

  #adopt(chunk: Uint8Array): void {
    this.#release();
    this.#buffer = chunk;
    this.#end = chunk.length;
  }

  /** Joins a chunk to what waits; capacity doubles, so that one-byte chunks cost linear time. */
  #append(chunk: Uint8Array): void {
    const waiting = this.#end - this.#start;
    if (!this.#owned || this.#buffer.length - this.#end < chunk.length) this.#grow(waiting, chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  #grow(waiting: number, more: number): void {
    const grown = new Uint8Array(Math.max(256, (waiting + more) * 2));
    grown.set(this.#buffer.subarray(this.#start, this.#end));
    const moved = this.#start;
    this.#buffer = grown;
    this.#owned = true;
    this.#start = 0;
    this.#end = waiting;
    this.#scanned -= moved;
    this.#lineStart -= moved;
    if (this.#head !== null) this.#head = { ...this.#head, bodyStart: this.#head.bodyStart - moved };
  }

  #die(error: StompProtocolError): void {
    this.#error = error;
    this.#release();
  }
}

/** CONNECT and CONNECTED are never escaped, for the sake of 1.0 (1.2, "Value Encoding"); STOMP is CONNECT's other name. */
export function isUnescaped(command: string): boolean {
  return command === 'CONNECT' || command === 'CONNECTED' || command === 'STOMP';
}

function readHeader(line: string, version: StompVersion, receiptId: string | undefined): StompHeader {
  const colon = line.indexOf(':');
  if (colon < 1) {
    throw new StompProtocolError('MALFORMED_HEADER', 'A header line must be a name, a colon and a value.', receiptId);
  }
  try {
    return [unescapeHeader(line.slice(0, colon), version), unescapeHeader(line.slice(colon + 1), version)];
  } catch (error) {
    if (!(error instanceof StompProtocolError)) throw error;
    throw new StompProtocolError(error.code, error.message, receiptId);
  }
}

function contentLength(headers: readonly StompHeader[], receiptId: string | undefined): number | null {
  const header = headers.find(([name]) => name === 'content-length');
  if (header === undefined) return null;
  if (/^[0-9]{1,15}$/.test(header[1])) return Number(header[1]);
  throw new StompProtocolError('BAD_CONTENT_LENGTH', 'content-length must be a whole number of bytes.', receiptId);
}
