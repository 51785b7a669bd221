import { FrameParser, HEART_BEAT, type FrameLimits, type StompFrame, type StompVersion } from '../index.ts';
import { StompProtocolError } from '../protocol-error.ts';

/* Support of the specs: not part of the library. */

/** What a parser made of a stream: events in order, a body as one character a byte, and the error that ended it. */
export interface Outcome {
  readonly events: readonly (typeof HEART_BEAT | ParsedFrame)[];
  readonly error: { readonly code: string; readonly receiptId: string | undefined } | null;
}
export type ParsedFrame = readonly [command: string, headers: readonly (readonly [string, string])[], body: string];

export interface ParseOptions {
  readonly version?: StompVersion | null;
  readonly limits?: Partial<FrameLimits>;
  /** Called as a session would be, before the next event is taken. */
  readonly onFrame?: (frame: StompFrame, parser: FrameParser) => void;
  readonly onDrained?: (parser: FrameParser) => void;
}

export function parseAll(chunks: Iterable<Uint8Array>, options: ParseOptions = {}): Outcome {
  const parser = new FrameParser(options.limits);
  if (options.version) parser.setVersion(options.version);
  const events: (typeof HEART_BEAT | ParsedFrame)[] = [];
  try {
    for (const chunk of chunks) {
      parser.push(chunk);
      for (let event = parser.next(); event !== null; event = parser.next()) {
        events.push(event === HEART_BEAT ? event : parsed(event));
        if (event !== HEART_BEAT) options.onFrame?.(event, parser);
      }
      options.onDrained?.(parser);
    }
  } catch (error) {
    if (!(error instanceof StompProtocolError)) throw error;
    return { events, error: { code: error.code, receiptId: error.receiptId } };
  }
  return { events, error: null };
}

export function parsed({ command, headers, body }: StompFrame): ParsedFrame {
  return [command, headers, latin1(body)];
}

export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

const UTF8 = new TextEncoder();

/** Bytes of a text in which `^@` stands for NUL, as in the specifications. */
export function wire(text: string): Uint8Array {
  return UTF8.encode(text.replaceAll('^@', '\0'));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Copies of the bytes cut at the offsets given, which rise; each is a chunk with memory of its own. */
export function cut(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const ends = [...offsets, bytes.length];
  return ends.map((end, index) => bytes.slice(index === 0 ? 0 : ends[index - 1], end));
}

/** The bytes one by one. */
export function singly(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}
