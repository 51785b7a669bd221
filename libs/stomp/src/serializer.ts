import { assertPlain, escapeHeader } from './escapes.ts';
import { mayHaveBody, type StompFrame, type StompHeader, type StompVersion } from './frame.ts';
import { isUnescaped } from './parser.ts';
import { StompProtocolError } from './protocol-error.ts';

const UTF8 = new TextEncoder();
const LF = 10;

/** The one byte of a heart-beat (1.2, "Heart-beating"). */
export const HEART_BEAT_BYTES = new Uint8Array([LF]);

/**
 * The bytes of a frame in a version, with LF as end of line and always a content-length where a body may be. Throws a
 * StompProtocolError UNREPRESENTABLE for a header that the version cannot carry.
 */
export function serializeFrame(frame: StompFrame, version: StompVersion): Uint8Array {
  if (frame.command === '' || /[\u0000\r\n]/.test(frame.command)) {
    // eslint-disable-next-line no-control-regex -- NUL ends a frame
    throw new StompProtocolError('UNREPRESENTABLE', 'A frame command must be a word.');
  }
  const lines = frame.headers
    .filter(([name]) => name !== 'content-length')
    .map((header) => headerLine(header, version, isUnescaped(frame.command)));
  const length = mayHaveBody(frame.command) || frame.body.length > 0 ? `content-length:${frame.body.length}\n` : '';
  return joined(UTF8.encode(`${frame.command}\n${lines.join('')}${length}\n`), frame.body);
}

function headerLine([name, value]: StompHeader, version: StompVersion, plain: boolean): string {
  if (name === '') throw new StompProtocolError('UNREPRESENTABLE', 'A header must have a name.');
  return plain
    ? `${assertPlain(name, 'name')}:${assertPlain(value, 'value')}\n`
    : `${escapeHeader(name, version, 'name')}:${escapeHeader(value, version, 'value')}\n`;
}

function joined(head: Uint8Array, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + body.length + 1); // the last byte stays NUL
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/**
 * A MESSAGE for many subscribers: everything but `subscription` is encoded once a version, and each distinct
 * subscription id costs one copy, which all its subscribers may share.
 */
export class MessageTemplate {
  readonly #headers: readonly StompHeader[];
  readonly #body: Uint8Array;
  readonly #heads = new Map<StompVersion, Uint8Array>();

  /** `headers` are all but `subscription` and `content-length`. */
  constructor(headers: readonly StompHeader[], body: Uint8Array) {
    this.#headers = headers;
    this.#body = body;
  }

  /** The whole frame; `subscriptionId` is null for a 1.0 subscription without an id. */
  serialize(version: StompVersion, subscriptionId: string | null): Uint8Array {
    const head = this.#headOf(version);
    const own = subscriptionId === null ? '\n' : `${headerLine(['subscription', subscriptionId], version, false)}\n`;
    const ownBytes = UTF8.encode(own);
    const bytes = new Uint8Array(head.length + ownBytes.length + this.#body.length + 1);
    bytes.set(head);
    bytes.set(ownBytes, head.length);
    bytes.set(this.#body, head.length + ownBytes.length);
    return bytes;
  }

  #headOf(version: StompVersion): Uint8Array {
    const known = this.#heads.get(version);
    if (known !== undefined) return known;
    const lines = this.#headers.map((header) => headerLine(header, version, false)).join('');
    const head = UTF8.encode(`MESSAGE\n${lines}content-length:${this.#body.length}\n`);
    this.#heads.set(version, head);
    return head;
  }
}
