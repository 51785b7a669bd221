import { unescapeHeader, type HeaderEncoding } from './escapes.ts';
import { isCommandOf, isUnescaped, type StompHeader, type StompVersion } from './frame.ts';
import { StompProtocolError } from './protocol-error.ts';

/** All of a frame before its body. */
export interface FrameHead {
  readonly command: string;
  readonly headers: readonly StompHeader[];
  /** Bytes of the body as content-length tells; null where the body ends at the first NUL. */
  readonly bodyLength: number | null;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LENIENT_UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const ENCODER = new TextEncoder();

/** Characters of a head over which its parts become strings of their own; see `detached`. */
const SHARED_HEAD_LENGTH = 1_024;

/**
 * Reads the lines of a head, each with its LF, without the empty one. The version is null until it is known: then both
 * ends of line are understood and nothing is un-escaped. Throws INVALID_UTF8, UNKNOWN_COMMAND, MALFORMED_HEADER,
 * UNDEFINED_ESCAPE or BAD_CONTENT_LENGTH.
 */
export function parseHead(bytes: Uint8Array, version: StompVersion | null): FrameHead {
  const text = decode(bytes);
  const trimsCr = allowsCr(version) && text.includes('\r');
  const commandEnd = text.indexOf('\n');
  const command = commandOf(withoutCr(text.slice(0, commandEnd), trimsCr), version);
  const encoding = encodingOf(command, version);
  const own = text.length > SHARED_HEAD_LENGTH ? detached : itself;
  const headers: StompHeader[] = [];
  let lengthHeader: string | null = null;
  let from = commandEnd + 1;
  for (let end = text.indexOf('\n', from); end >= 0; end = text.indexOf('\n', from)) {
    const header = parseHeader(withoutCr(text.slice(from, end), trimsCr), encoding, own);
    if (header[0] === 'content-length') lengthHeader ??= header[1];
    headers.push(header);
    from = end + 1;
  }
  return { command, headers, bodyLength: lengthHeader === null ? null : bodyLengthOf(lengthHeader, version) };
}

/** The `receipt` header among the lines of a head that is at fault somewhere, if it can be read without doubt. */
export function findReceipt(bytes: Uint8Array, version: StompVersion | null): string | undefined {
  const lines = LENIENT_UTF8.decode(bytes).split('\n');
  const [command = '', ...headers] = lines.map((line) => withoutCr(line, allowsCr(version)));
  const line = headers.find((header) => header.startsWith('receipt:'));
  if (line === undefined || line.includes('\uFFFD')) return undefined;
  try {
    return parseHeader(line, encodingOf(command, version), detached)[1];
  } catch {
    return undefined; // it is the fault, or one of several
  }
}

function encodingOf(command: string, version: StompVersion | null): HeaderEncoding {
  return version === null || isUnescaped(command) ? 'plain' : version;
}

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new StompProtocolError('INVALID_UTF8', 'The command and the headers of a frame must be UTF-8.');
  }
}

/** Whether a CR before an LF belongs to the end of line. In 1.0 and 1.1 it is a character like any other. */
export function allowsCr(version: StompVersion | null): boolean {
  return version === null || version === '1.2';
}

function withoutCr(line: string, trimsCr: boolean): string {
  return trimsCr && line.endsWith('\r') ? line.slice(0, -1) : line;
}

function commandOf(line: string, version: StompVersion | null): string {
  if (isCommandOf(line, version)) return line;
  const where = version === null ? 'STOMP' : `STOMP ${version}`;
  throw new StompProtocolError(
    'UNKNOWN_COMMAND',
    `${where} has no frame command ${JSON.stringify(line.slice(0, 32))}.`,
  );
}

/** Splits at the first colon. A further one is taken as it is: many clients do not escape it in values. */
function parseHeader(line: string, encoding: HeaderEncoding, own: (text: string) => string): StompHeader {
  const colon = line.indexOf(':');
  if (colon < 1) throw malformedHeader('A header line must be a name, a colon and a value.');
  if (encoding === '1.2' && line.includes('\r')) {
    throw malformedHeader('A carriage return inside a header must be escaped in STOMP 1.2.');
  }
  const name = unescapeHeader(line.slice(0, colon), encoding);
  return [own(name), own(unescapeHeader(line.slice(colon + 1), encoding))];
}

function malformedHeader(message: string): StompProtocolError {
  return new StompProtocolError('MALFORMED_HEADER', message);
}

/** The examples of 1.0 pad header values with spaces, so there a padded number is still one. */
function bodyLengthOf(header: string, version: StompVersion | null): number {
  const digits = version === '1.0' ? /^ *[0-9]{1,15} *$/ : /^[0-9]{1,15}$/;
  if (digits.test(header)) return Number(header);
  throw new StompProtocolError('BAD_CONTENT_LENGTH', 'content-length must be a whole number of bytes.');
}

/** A part of a long text keeps the whole text alive in most engines; this copy lets a session keep a short header. */
function detached(text: string): string {
  return UTF8.decode(ENCODER.encode(text));
}

function itself(text: string): string {
  return text;
}
