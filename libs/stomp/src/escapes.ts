import type { StompVersion } from './frame.ts';
import { StompProtocolError } from './protocol-error.ts';

/** Escape sequences of each version, by the letter behind the backslash. 1.0 has none. */
const ESCAPES: Readonly<Record<StompVersion, ReadonlyMap<string, string>>> = {
  '1.0': new Map(),
  '1.1': new Map([
    ['n', '\n'],
    ['c', ':'],
    ['\\', '\\'],
  ]),
  '1.2': new Map([
    ['n', '\n'],
    ['c', ':'],
    ['\\', '\\'],
    ['r', '\r'],
  ]),
};

const NEEDS_ESCAPE: Readonly<Record<StompVersion, RegExp>> = {
  '1.0': /(?!)/,
  '1.1': /[\\\n:]/,
  '1.2': /[\\\n:\r]/,
};
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  [':', '\\c'],
  ['\\', '\\\\'],
  ['\r', '\\r'],
]);

/** Un-escapes a header's name or value. An undefined sequence is fatal (1.2, "Value Encoding"; 1.1 likewise). */
export function unescapeHeader(text: string, version: StompVersion): string {
  if (version === '1.0' || !text.includes('\\')) return text;
  const known = ESCAPES[version];
  let result = '';
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    const replacement = known.get(text.charAt(at + 1));
    if (replacement === undefined) throw undefinedEscape(text, at, version);
    result += text.slice(from, at) + replacement;
    from = at + 2;
  }
  return result + text.slice(from);
}

function undefinedEscape(text: string, at: number, version: StompVersion): StompProtocolError {
  const sequence = JSON.stringify(text.slice(at, at + 2));
  return new StompProtocolError(
    'UNDEFINED_ESCAPE',
    `STOMP ${version} does not define the escape sequence ${sequence}.`,
  );
}

/** Escapes a header's name or value for a version; what the version cannot carry is UNREPRESENTABLE. */
export function escapeHeader(text: string, version: StompVersion, part: 'name' | 'value'): string {
  if (version === '1.0') return assertPlain(text, part);
  if (text.includes('\u0000')) throw unrepresentable(part, version);
  if (!NEEDS_ESCAPE[version].test(text)) return text;
  return text.replace(version === '1.1' ? /[\\\n:]/g : /[\\\n:\r]/g, (letter) => LETTERS.get(letter) ?? letter);
}

/** A text that goes out as it is: in 1.0, and in CONNECT and CONNECTED of every version. */
export function assertPlain(text: string, part: 'name' | 'value'): string {
  const forbidden = part === 'name' ? /[\u0000\n:]/ : /[\u0000\n]/; // eslint-disable-line no-control-regex -- NUL ends a frame
  if (forbidden.test(text)) throw unrepresentable(part, '1.0');
  return text;
}

function unrepresentable(part: string, version: string): StompProtocolError {
  return new StompProtocolError(
    'UNREPRESENTABLE',
    `A header ${part} holds a character that STOMP ${version} cannot carry here.`,
  );
}
