import { parseMessageId, parseRoomId, parseUserId } from '@chat/dto';
import { parseDurationS } from '@chat/local-stack/stack';
import { InvalidArgumentError } from 'commander';

/** How a word of the command line becomes a value; throws a sentence behind the name of its option. */
type Parser<Value> = (text: string) => Value;

function parserOf<Value>(what: string, parse: (text: string) => Value | null): Parser<Value> {
  return (text) => {
    const value = parse(text);
    if (value === null) throw new InvalidArgumentError(`It must be ${what}.`);
    return value;
  };
}

export const roomId = parserOf('a room id: a whole number from 1', parseRoomId);
export const userId = parserOf('a user id: a whole number from 1', parseUserId);
export const messageId = parserOf('a message id: a whole number', parseMessageId);
/** In seconds. */
export const duration = parserOf('a duration such as 90s, 30m, 12h or 7d', parseDurationS);
export const url = parserOf('a URL', (text) => (URL.canParse(text) ? text.replace(/\/+$/, '') : null));

/** A whole number in a range, both ends included. */
export function whole({ min, max }: { readonly min: number; readonly max: number }): Parser<number> {
  return parserOf(`a whole number from ${min} to ${max.toLocaleString('en')}`, (text) => {
    const value = Number(text);
    return /^[0-9]{1,15}$/.test(text) && value >= min && value <= max ? value : null;
  });
}

/** An option that may be given several times, each one value more. */
export function many<Value>(
  parse: Parser<Value>,
): (text: string, before: readonly Value[] | undefined) => readonly Value[] {
  return (text, before = []) => [...before, parse(text)];
}
