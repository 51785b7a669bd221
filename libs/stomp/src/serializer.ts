import { escapeHeader, isRepresentable, type HeaderEncoding } from './escapes.ts';
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
 * Gives the memory that a frame is written to the end of: an array of so many bytes or more, which need not be zeroed. A
 * transport leaves room for its own header in front here, and so saves a copy.
 */
export type Allocate<Bytes extends Uint8Array = Uint8Array> = (byteLength: number) => Bytes;
const allocateExactly: Allocate = (byteLength) => new Uint8Array(byteLength);

/**
 * The bytes of a frame in a version: LF as end of line, and always a content-length of its own where a body may be
 * (one among the headers is left out). Throws a StompProtocolError UNREPRESENTABLE for what the version cannot carry:
 * an unknown command, a body where none may be, a NUL or a lone surrogate in a header, an LF in a header or a colon in
 * a header name of 1.0, CONNECT or CONNECTED, and a CR in one of the latter two.
 */
export function serializeFrame(frame: StompFrame, version: StompVersion): Uint8Array;
export function serializeFrame<Bytes extends Uint8Array>(
  frame: StompFrame,
  version: StompVersion,
  allocate: Allocate<Bytes>,
): Bytes;
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
  return withHead(encoded(`${head}\n`), body, allocate);
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

function withHead(head: Uint8Array, body: Uint8Array, allocate: Allocate): Uint8Array {
  const byteLength = head.length + body.length + 1;
  const bytes = allocate(byteLength);
  const at = bytes.length - byteLength;
  bytes.set(head, at);
  bytes.set(body, at + head.length);
  bytes[bytes.length - 1] = NUL;
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

/** A `MessageRecipient` with its own lines written, which many messages may share. */
export interface PreparedRecipient {
  readonly version: StompVersion;
  /** Header lines, each with its LF. */
  readonly lines: string;
}

/** Throws UNREPRESENTABLE for a subscription id that the version cannot carry. */
export function prepareRecipient({ version, subscriptionId, ackId }: MessageRecipient): PreparedRecipient {
  const subscription = subscriptionId === null ? '' : headerLine(['subscription', subscriptionId], version);
  const lines = ackId === null ? subscription : subscription + headerLine(['ack', ackId], version);
  return { version, lines };
}

/**
 * A MESSAGE for many subscribers: everything but `subscription` and `ack` is written once a version, and each distinct
 * subscription id costs one copy, which all its subscribers may share. A header that a version cannot carry is left out
 * in that version, so that what one client sent cannot keep a message from others.
 */
export class MessageTemplate {
  readonly #headers: readonly StompHeader[];
  readonly #body: Uint8Array;
  /** The head in one version, in which most subscribers have it one after another. */
  #head = '';
  #headVersion: StompVersion | null = null;

  /** `headers` are all but `subscription`, `ack` and `content-length`, which must not be among them. */
  constructor(headers: readonly StompHeader[], body: Uint8Array) {
    this.#headers = headers;
    this.#body = body;
  }

  /** The whole frame. */
  serialize(recipient: PreparedRecipient): Uint8Array;
  serialize<Bytes extends Uint8Array>(recipient: PreparedRecipient, allocate: Allocate<Bytes>): Bytes;
  serialize({ version, lines }: PreparedRecipient, allocate: Allocate = allocateExactly): Uint8Array {
    if (this.#headVersion !== version) this.#writeHead(version);
    return withHead(encoded(`${this.#head}${lines}\n`), this.#body, allocate);
  }

  #writeHead(version: StompVersion): void {
    let head = 'MESSAGE\n';
    for (const header of this.#headers) head += lineIfCarried(header, version);
    this.#head = `${head}content-length:${this.#body.length}\n`;
    this.#headVersion = version;
  }
}

/** Names of most headers of a MESSAGE, which go out as they are in every version. */
const PLAIN_NAMES: ReadonlySet<string> = new Set([
  'destination',
  'message-id',
  'content-type',
  'client-message-id',
  'prev',
]);

/** What goes out as it is in every version: printable ASCII without the colon and the backslash. */
const PLAIN_EVERYWHERE = /^[\x20-\x39\x3b-\x5b\x5d-\x7e]+$/;

/** Nothing of a header that the version cannot carry. */
function lineIfCarried(header: StompHeader, version: StompVersion): string {
  const [name, value] = header;
  const isPlainName = PLAIN_NAMES.has(name) || PLAIN_EVERYWHERE.test(name);
  if (isPlainName && PLAIN_EVERYWHERE.test(value)) return `${name}:${value}\n`;
  const isCarried = isRepresentable(name, version, 'name') && isRepresentable(value, version, 'value');
  return isCarried ? headerLine(header, version) : '';
}
