import { escapeHeader, isPlain, isRepresentable, type HeaderEncoding } from './escapes.ts';
import {
  isCommandOf,
  isUnescaped,
  mayHaveBody,
  type StompFrame,
  type StompHeader,
  type StompVersion,
} from './frame.ts';
import { StompProtocolError } from './protocol-error.ts';

const UTF8 = new TextEncoder();
const LF = 10;
const NUL = 0;

/** The one byte of a heart-beat (1.2, "Heart-beating"). */
export const HEART_BEAT_BYTES = new Uint8Array([LF]);

/**
 * Gives the memory that a frame is written to: an array of exactly so many bytes, which need not be zeroed. A transport
 * can hand out a part of its own frame here and so save a copy.
 */
export type Allocate = (byteLength: number) => Uint8Array;
const allocateExactly: Allocate = (byteLength) => new Uint8Array(byteLength);

/**
 * The bytes of a frame in a version: LF as end of line, and always a content-length of its own where a body may be
 * (one among the headers is left out). Throws a StompProtocolError UNREPRESENTABLE for what the version cannot carry:
 * an unknown command, a body where none may be, a NUL or a lone surrogate in a header, an LF in a header or a colon in
 * a header name of 1.0, CONNECT or CONNECTED, and a CR in one of the latter two.
 */
export function serializeFrame(
  frame: StompFrame,
  version: StompVersion,
  allocate: Allocate = allocateExactly,
): Uint8Array {
  const { command, headers, body } = frame;
  checkFrame(command, version, body.length);
  const encoding = isUnescaped(command) ? 'plain' : version;
  let head = `${command}\n`;
  for (const header of headers) if (header[0] !== 'content-length') head += headerLine(header, encoding);
  if (body.length > 0 || mayHaveBody(command, '1.2')) head += `content-length:${body.length}\n`;
  return withHead(`${head}\n`, body, allocate);
}

function checkFrame(command: string, version: StompVersion, bodyLength: number): void {
  if (!isCommandOf(command, version)) {
    throw new StompProtocolError(
      'UNREPRESENTABLE',
      `STOMP ${version} has no frame command ${JSON.stringify(command)}.`,
    );
  }
  if (bodyLength > 0 && !mayHaveBody(command, version)) {
    throw new StompProtocolError('UNREPRESENTABLE', `A ${command} frame must not have a body.`);
  }
}

function headerLine([name, value]: StompHeader, encoding: HeaderEncoding): string {
  return `${escapeHeader(name, encoding, 'name')}:${escapeHeader(value, encoding, 'value')}\n`;
}

/** Text goes through here on its way to bytes, since making an array for each costs more than the encoding. */
const SCRATCH = new Uint8Array(4_096);

/** The text in UTF-8, good until the next call. */
function encoded(text: string): Uint8Array {
  const { read, written } = UTF8.encodeInto(text, SCRATCH);
  return read === text.length ? SCRATCH.subarray(0, written) : UTF8.encode(text);
}

function withHead(text: string, body: Uint8Array, allocate: Allocate): Uint8Array {
  const head = encoded(text);
  const bytes = allocate(head.length + body.length + 1);
  bytes.set(head);
  bytes.set(body, head.length);
  bytes[head.length + body.length] = NUL;
  return bytes;
}

/** What a MESSAGE says to its subscribers alone. */
export interface MessageRecipient {
  readonly version: StompVersion;
  /** Null for a 1.0 subscription without an id. */
  readonly subscriptionId: string | null;
  /** What an ACK of 1.2 names the message by; null where none is expected, and before 1.2. */
  readonly ackId: string | null;
}

/**
 * A MESSAGE for many subscribers: everything but `subscription` and `ack` is written once a version, and each distinct
 * subscription id costs one copy, which all its subscribers may share. A header that a version cannot carry is left out
 * in that version, so that what one client sent cannot keep a message from others.
 */
export class MessageTemplate {
  readonly #headers: readonly StompHeader[];
  readonly #body: Uint8Array;
  readonly #heads: Partial<Record<StompVersion, string>> = {};

  /** `headers` are all but `subscription`, `ack` and `content-length`, which must not be among them. */
  constructor(headers: readonly StompHeader[], body: Uint8Array) {
    this.#headers = headers;
    this.#body = body;
  }

  /** The whole frame. */
  serialize(recipient: MessageRecipient, allocate: Allocate = allocateExactly): Uint8Array {
    const { version } = recipient;
    const head = (this.#heads[version] ??= this.#headIn(version));
    return withHead(`${head}${ownLines(recipient)}\n`, this.#body, allocate);
  }

  #headIn(version: StompVersion): string {
    let head = 'MESSAGE\n';
    for (const header of this.#headers) head += lineIfCarried(header, version);
    return `${head}content-length:${this.#body.length}\n`;
  }
}

function ownLines({ version, subscriptionId, ackId }: MessageRecipient): string {
  const subscription = subscriptionId === null ? '' : headerLine(['subscription', subscriptionId], version);
  return ackId === null ? subscription : subscription + headerLine(['ack', ackId], version);
}

/** Nothing of a header that the version cannot carry. */
function lineIfCarried(header: StompHeader, version: StompVersion): string {
  const [name, value] = header;
  if (isPlain(name, version, 'name') && isPlain(value, version, 'value')) return `${name}:${value}\n`;
  const isCarried = isRepresentable(name, version, 'name') && isRepresentable(value, version, 'value');
  return isCarried ? headerLine(header, version) : '';
}
