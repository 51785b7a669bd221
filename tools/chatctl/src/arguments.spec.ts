import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { duration, many, messageId, roomId, url, userId, whole } from './arguments.ts';

describe('a word of the command line', () => {
  it.each([
    ['a room', roomId, '1', 1],
    ['a user', userId, '9007199254740991', 9_007_199_254_740_991],
    ['a message', messageId, '0', 0],
    ['a duration', duration, '12h', 43_200],
    ['an address', url, 'http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['a number', whole({ min: 1, max: 200 }), '200', 200],
  ])('is %s', (_, parse: (text: string) => unknown, text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each([
    ['a room', roomId, 'x'],
    ['a room', roomId, '0'],
    ['a user', userId, '-1'],
    ['a message', messageId, '1.5'],
    ['a duration', duration, '12'],
    ['an address', url, '127.0.0.1'],
    ['a number', whole({ min: 1, max: 200 }), '201'],
    ['a number', whole({ min: 1, max: 200 }), '1e2'],
  ])('is refused as %s in a sentence that says what it must be', (_, parse: (text: string) => unknown, text) => {
    expect(() => parse(text)).toThrow(InvalidArgumentError);
    expect(() => parse(text)).toThrow(/^It must be an? [^.]+\.$/);
  });

  it('may come several times', () => {
    expect(many(url)('http://b', many(url)('http://a', undefined))).toEqual(['http://a', 'http://b']);
  });
});
