import type { IRawFrameType } from '@stomp/stompjs';

type Headers = Readonly<Record<string, string>>;

/** A frame with headers as they are meant; the body is a text. */
export interface TextFrame {
  readonly command: string;
  readonly headers: Headers;
  readonly body: string;
}

/** What STOMP 1.2, "Value Encoding", escapes, and the letters behind the backslash. */
const PLAIN = '\\\r\n:';
const LETTERS = '\\rnc';
/** Frames that escape nothing, for the sake of STOMP 1.0. */
const AS_IT_IS = /^CONNECT/;

/** The frame as it goes over the wire, with a content-length where it has a body. */
export function serializeFrame({ command, headers, body }: TextFrame): string {
  const byteLength = new TextEncoder().encode(body).length;
  const all = Object.entries({ ...headers, ...(byteLength > 0 && { 'content-length': `${byteLength}` }) });
  const escape = (value: string) => value.replace(/[\\\r\n:]/g, (plain) => `\\${LETTERS.charAt(PLAIN.indexOf(plain))}`);
  const lines = all.map(([name, value]) => `${name}:${AS_IT_IS.test(command) ? value : escape(value)}`);
  return [command, ...lines, '', `${body}\0`].join('\n');
}

/** What the parser of the stock client found; of a header that is repeated the first one counts. */
export function readFrame({ command = '', headers, binaryBody }: IRawFrameType): TextFrame {
  const unescape = (value: string) =>
    value.replace(/\\([\\rnc])/g, (_, letter: string) => PLAIN.charAt(LETTERS.indexOf(letter)));
  const all = headers.reverse().map(([name, value]) => [name, AS_IT_IS.test(command) ? value : unescape(value)]);
  return { command, headers: Object.fromEntries(all) as Headers, body: new TextDecoder().decode(binaryBody) };
}
