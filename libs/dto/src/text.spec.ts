import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codePointCount,
  cutToCodePoints,
  isStorableJson,
  isStorableText,
  jsonObjectSchema,
  textSchema,
} from './text.ts';

const anyText = fc.string({ unit: 'binary' });

describe('text', () => {
  it('is measured in code points', () => {
    expect(codePointCount('a😀')).toBe(2);
    expect(textSchema(1, 2).safeParse('😀😀').success).toBe(true);
    expect(textSchema(1, 2).safeParse('😀😀a').success).toBe(false);
    expect(textSchema(1, 2).safeParse('').success).toBe(false);
  });

  it('names its bounds in the refusal', () => {
    expect(textSchema(1, 10).safeParse('').error?.issues[0]?.message).toBe('must have 1 to 10 code points');
  });

  it('agrees with counting, whatever it holds', () => {
    fc.assert(
      fc.property(anyText, fc.nat(12), (text, max) => {
        const fits = codePointCount(text) <= max && isStorableText(text);
        expect(textSchema(0, max).safeParse(text).success).toBe(fits);
      }),
    );
  });

  it('is cut between code points only', () => {
    fc.assert(
      fc.property(anyText, fc.nat(12), (text, max) => {
        const cut = cutToCodePoints(text, max);
        expect(text.startsWith(cut)).toBe(true);
        expect(codePointCount(cut)).toBe(Math.min(max, codePointCount(text)));
      }),
    );
  });

  it.each(['a\u0000', '\ud800', 'a\udc00b'])('is not storable with %j', (text) => {
    expect(isStorableText(text)).toBe(false);
    expect(isStorableJson({ deep: [{ text }] })).toBe(false);
    expect(isStorableJson({ [text]: 1 })).toBe(false);
  });
});

describe('a JSON object of a bounded size', () => {
  const schema = jsonObjectSchema(20);

  it.each([
    [{}, true],
    [{ a: [1, null, true, { b: 'c' }] }, false],
    [{ a: 'ééééé' }, true],
    [{ a: 'ééééééé' }, false],
    [[], false],
    ['text', false],
    [null, false],
  ])('takes %j: %s', (value, fits) => {
    expect(schema.safeParse(value).success).toBe(fits);
  });
});
