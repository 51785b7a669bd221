import type { IRawFrameType } from '@stomp/stompjs';

type Headers = Readonly<Record<string, string>>;

/** A frame with headers as they are meant; the body is a text. */
export interface TextFrame {
  readonly command: string;
  readonly headers: Headers;
  readonly body: string;
}

/** STOMP 1.2, "Value Encoding". */
const ESCAPES: readonly (readonly [plain: string, escaped: string])[] = [
  ['\\', '\\\\'],
  ['\r', '\\r'],
  ['\n', '\\n'],
  [':', '\\c'],
];
const ESCAPED = new Map(ESCAPES);
const PLAIN = new Map(ESCAPES.map(([plain, escaped]) => [escaped, plain]));
/** Frames that escape nothing, for the sake of STOMP 1.0. */
const AS_IT_IS = /^CONNECT/;

/** The frame as it goes over the wire, with a content-length where it has a body. */
export function serializeFrame({ command, headers, body }: TextFrame): string {
  const byteLength = new TextEncoder().encode(body).length;
  const all = Object.entries({ ...headers, ...(byteLength > 0 && { 'content-length': `${byteLength}` }) });
  const escape = (value: string) => value.replace(/[\\\r\n:]/g, (plain) => ESCAPED.get(plain) ?? plain);
  const lines = all.map(([name, value]) => `${name}:${AS_IT_IS.test(command) ? value : escape(value)}`);
  return [command, ...lines, '', `${body}\0`].join('\n');
}

/** What the parser of the stock client found; of a header that is repeated the first one counts. */
export function readFrame({ command = '', headers, binaryBody }: IRawFrameType): TextFrame {
  const unescape = (value: string) => value.replace(/\\./g, (escaped) => PLAIN.get(escaped) ?? escaped);
  const all = headers.reverse().map(([name, value]) => [name, AS_IT_IS.test(command) ? value : unescape(value)]);
  return { command, headers: Object.fromEntries(all) as Headers, body: new TextDecoder().decode(binaryBody) };
}
