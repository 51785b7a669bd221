import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codePointCount,
  cutToCodePoints,
  isStorableJson,
  isStorableText,
  jsonDepth,
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

/** `{"a": {"a": … 1}}` of so many objects. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at += 1) value = { a: value };
  return value;
}

describe('the depth of JSON', () => {
  it.each([
    [1, 0],
    ['a', 0],
    [{}, 1],
    [[[]], 2],
    [{ a: [{ b: 1 }], c: 2 }, 3],
  ])('of %j is %i', (value, depth) => {
    expect(jsonDepth(value)).toBe(depth);
  });

  it('is bounded, and a hostile one harms nobody', () => {
    const schema = jsonObjectSchema(1_000_000);
    expect(schema.safeParse(nested(32)).success).toBe(true);
    expect(schema.safeParse(nested(33)).error?.issues).toMatchObject([
      { message: 'must have at most 32 objects and arrays inside each other' },
    ]);
    expect(schema.safeParse(nested(100_000)).success).toBe(false);
    expect(isStorableJson(nested(100_000))).toBe(true);
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
