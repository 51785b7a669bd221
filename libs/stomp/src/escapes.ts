import type { StompVersion } from './frame.ts';
import { StompProtocolError } from './protocol-error.ts';

/** How the name or value of a header is written. `plain` is CONNECT, STOMP and CONNECTED of every version. */
export type HeaderEncoding = StompVersion | 'plain';

/** Escape sequences by the letter behind the backslash (1.1 and 1.2, "Value Encoding"); 1.0 has none. */
const ESCAPES_1_1: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['c', ':'],
  ['\\', '\\'],
]);
const ESCAPES_1_2: ReadonlyMap<string, string> = new Map([...ESCAPES_1_1, ['r', '\r']]);

/** Un-escapes a header's name or value. An undefined sequence is fatal: UNDEFINED_ESCAPE (1.1 and 1.2, same place). */
export function unescapeHeader(text: string, encoding: HeaderEncoding): string {
  if (encoding === '1.0' || encoding === 'plain' || !text.includes('\\')) return text;
  const escapes = encoding === '1.1' ? ESCAPES_1_1 : ESCAPES_1_2;
  let result = '';
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    const replacement = escapes.get(text.charAt(at + 1));
    if (replacement === undefined) throw undefinedEscape(text.slice(at, at + 2), encoding);
    result += text.slice(from, at) + replacement;
    from = at + 2;
  }
  return result + text.slice(from);
}

function undefinedEscape(sequence: string, version: string): StompProtocolError {
  const shown = sequence.length === 1 ? 'a backslash at the end' : `the escape sequence ${sequence}`;
  return new StompProtocolError('UNDEFINED_ESCAPE', `STOMP ${version} does not define ${shown} of a header.`);
}

/* What cannot go out as it is. A NUL would end the frame for most readers, so it goes nowhere. */

const SPECIAL: Readonly<Record<HeaderEncoding, Readonly<Record<'name' | 'value', RegExp>>>> = {
  plain: { name: /[\0\n\r:]/, value: /[\0\n\r]/ },
  '1.0': { name: /[\0\n:]/, value: /[\0\n]/ },
  '1.1': { name: /[\0\n:\\]/, value: /[\0\n:\\]/ },
  '1.2': { name: /[\0\n:\\\r]/, value: /[\0\n:\\\r]/ },
};

/** Whether escaping can put the text into a header of this encoding. */
export function isRepresentable(text: string, encoding: HeaderEncoding, part: 'name' | 'value'): boolean {
  if (part === 'name' && text === '') return false;
  if (!text.isWellFormed()) return false;
  return encoding === '1.1' || encoding === '1.2' ? !text.includes('\0') : !SPECIAL[encoding][part].test(text);
}

/** Whether the text goes out as it is. */
export function isPlain(text: string, encoding: HeaderEncoding, part: 'name' | 'value'): boolean {
  return text !== '' && !SPECIAL[encoding][part].test(text) && text.isWellFormed();
}

/** Escapes a header's name or value; throws UNREPRESENTABLE for what the encoding has no bytes for. */
export function escapeHeader(text: string, encoding: HeaderEncoding, part: 'name' | 'value'): string {
  if (isPlain(text, encoding, part)) return text;
  if (!isRepresentable(text, encoding, part)) throw unrepresentable(part, encoding);
  return text === '' ? text : withEscapes(text, encoding);
}

/** The backslash goes first, or it would escape the escapes. */
function withEscapes(text: string, encoding: HeaderEncoding): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(':', '\\c');
  return encoding === '1.2' ? escaped.replaceAll('\r', '\\r') : escaped;
}

function unrepresentable(part: string, encoding: HeaderEncoding): StompProtocolError {
  const where = encoding === 'plain' ? 'CONNECT and CONNECTED' : `STOMP ${encoding}`;
  return new StompProtocolError('UNREPRESENTABLE', `A header ${part} is empty or holds what ${where} cannot carry.`);
}
