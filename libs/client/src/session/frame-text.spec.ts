import { Parser } from '@stomp/stompjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrame, serializeFrame, type TextFrame } from './frame-text.ts';

function parse(text: string): readonly TextFrame[] {
  const frames: TextFrame[] = [];
  const parser = new Parser(
    (raw) => frames.push(readFrame(raw)),
    () => {},
  );
  parser.parseChunk(text);
  return frames;
}

const word = fc.stringMatching(/^[a-z-]+$/).filter((name) => name !== 'content-length');
const value = fc.string({ unit: fc.constantFrom('\\', '\n', '\r', ':', 'n', 'c', 'é', ' ') });

describe('a frame', () => {
  it('comes back as it went, whatever is in its headers and its body', () => {
    fc.assert(
      fc.property(fc.dictionary(word, value), fc.string({ unit: 'grapheme' }), (headers, body) => {
        const [frame] = parse(serializeFrame({ command: 'SEND', headers, body }));
        const { 'content-length': _, ...own } = frame?.headers ?? {};
        expect([frame?.command, own, frame?.body]).toEqual(['SEND', { ...headers }, body.replace(/^\uFEFF/, '')]);
      }),
    );
  });

  it('of a header that is repeated has the first', () => {
    expect(parse('MESSAGE\na:1\na:2\n\n\0')).toEqual([{ command: 'MESSAGE', headers: { a: '1' }, body: '' }]);
  });

  it('that connects escapes nothing', () => {
    const connect = { command: 'CONNECT', headers: { Authorization: 'a:b' }, body: '' };
    expect(serializeFrame(connect)).toBe('CONNECT\nAuthorization:a:b\n\n\0');
    expect(parse('CONNECTED\nserver:a\\c\n\n\0')[0]?.headers).toEqual({ server: 'a\\c' });
  });
});
