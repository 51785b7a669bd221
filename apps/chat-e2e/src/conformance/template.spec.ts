import { describe, expect, it } from 'vitest';
import { fill, matches } from './template.ts';

describe('a template', () => {
  it('is filled with what is known', () => {
    expect(fill('a:<room>\0', new Map([['room', '7']]))).toBe('a:7\0');
    expect(() => fill('<message>', new Map())).toThrow('nothing is known of <message>');
  });

  it('matches every byte, and remembers what its placeholders stood for', () => {
    const bindings = new Map([['room', '7']]);

    expect(matches('A\nb:c.\n\n\0', 'A\nb:c.\n\n\0', bindings)).toBe(true);
    expect(matches('A\nb:cx\n\n\0', 'A\nb:c.\n\n\0', bindings)).toBe(false);
    expect(matches('A\nid:1\n\n\0', 'A\nid:<id>\n\n\0', bindings)).toBe(true);
    expect(matches('A\nid:2\n\n\0', 'A\nid:<id>\n\n\0', bindings)).toBe(false);
    expect(bindings).toEqual(new Map(Object.entries({ room: '7', id: '1' })));
  });

  it('remembers nothing of what it does not match', () => {
    const bindings = new Map<string, string>();

    expect(matches('A\nid:1\nx:y\n\n\0', 'A\nid:<id>\n\n\0', bindings)).toBe(false);
    expect(bindings.size).toBe(0);
  });

  it('takes the same for the same placeholder within one frame', () => {
    expect(matches('A\na:1\nb:1\n\n\0', 'A\na:<id>\nb:<id>\n\n\0', new Map())).toBe(true);
    expect(matches('A\na:1\nb:2\n\n\0', 'A\na:<id>\nb:<id>\n\n\0', new Map())).toBe(false);
  });

  it('counts the bytes of the body', () => {
    expect(matches('A\ncontent-length:2\n\né\0', 'A\ncontent-length:<length>\n\né\0', new Map())).toBe(true);
    expect(matches('A\ncontent-length:1\n\né\0', 'A\ncontent-length:<length>\n\né\0', new Map())).toBe(false);
  });
});
