import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillPlaceholders, PlaceholderError } from './placeholders.ts';

const names: Readonly<Record<string, string>> = {
  HOST: 'kafka',
  'kafka.port': '9092',
  BROKER: '${HOST}:${kafka.port}',
  WHICH: 'HOST',
  EMPTY: '',
  LOOP: 'a ${LOOP}',
  PING: '${PONG}',
  PONG: '${PING}',
};
const fill = (text: string) => fillPlaceholders(text, (name) => names[name]);

describe('placeholders', () => {
  it.each([
    ['nothing', 'nothing'],
    ['${HOST}', 'kafka'],
    ['a ${HOST} b ${kafka.port}', 'a kafka b 9092'],
    ['${BROKER}', 'kafka:9092'],
    ['${${WHICH}}', 'kafka'],
    ['${NONE:localhost}', 'localhost'],
    ['${NONE:http://${HOST}:1}', 'http://kafka:1'],
    ['${HOST:${NONE}}', 'kafka'],
    ['${NONE:}', ''],
    ['${EMPTY:otherwise}', ''],
    ['\\${HOST}', '${HOST}'],
    ['open ${HOST', 'open ${HOST'],
    ['{"a": "${HOST}"}', '{"a": "kafka"}'],
  ])('makes of %j the text %j', (text, filled) => {
    expect(fill(text)).toBe(filled);
  });

  it.each([
    ['${NONE}', 'needs ${NONE}, which nothing sets'],
    ['${LOOP}', 'goes round in circles at ${LOOP}'],
    ['${PING}', 'goes round in circles at ${PING}'],
  ])('refuses %j', (text, message) => {
    expect(() => fill(text)).toThrow(new PlaceholderError(message));
  });

  it('end with a text or a PlaceholderError, whatever they are and stand for', () => {
    const piece = fc.constantFrom('${', '}', ':', '\\', 'a', 'b', '$');
    const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, text, (given, a, b) => {
        try {
          fillPlaceholders(given, (name) => ({ a, b })[name]);
        } catch (error) {
          expect(error).toBeInstanceOf(PlaceholderError);
        }
      }),
    );
  });
});
