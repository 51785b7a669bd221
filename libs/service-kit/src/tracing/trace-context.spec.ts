import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTraceParent, parseTraceParent } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((letters) => letters.join(''))
    .filter((id) => !/^0+$/.test(id));
const anyContext = fc.record({ traceId: hex(32), spanId: hex(16), isSampled: fc.boolean() });

describe('a traceparent', () => {
  it('says the trace, the span and whether it is sampled', () => {
    expect(parseTraceParent(`00-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true });
    expect(parseTraceParent(`00-${TRACE}-${SPAN}-00`)).toMatchObject({ isSampled: false });
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyContext, (context) => {
        expect(parseTraceParent(formatTraceParent(context))).toEqual(context);
      }),
    );
  });

  it('tells only by its last bit whether it is sampled, whatever the others come to mean', () => {
    expect(parseTraceParent(`00-${TRACE}-${SPAN}-03`)).toMatchObject({ isSampled: true });
    expect(parseTraceParent(`00-${TRACE}-${SPAN}-fe`)).toMatchObject({ isSampled: false });
  });

  it('of a later version counts by its first four fields', () => {
    expect(parseTraceParent(`cc-${TRACE}-${SPAN}-01`)).toMatchObject({ traceId: TRACE });
    expect(parseTraceParent(`cc-${TRACE}-${SPAN}-01-what-the-future-brings`)).toMatchObject({ traceId: TRACE });
  });

  it.each([
    ['nothing', ''],
    ['an id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['the version that never is', `ff-${TRACE}-${SPAN}-01`],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a space in front', ` 00-${TRACE}-${SPAN}-01`],
    ['a line behind', `00-${TRACE}-${SPAN}-01\n`],
    ['more than version 00 has', `00-${TRACE}-${SPAN}-01-more`],
    ['a later version whose flags run on', `cc-${TRACE}-${SPAN}-01more`],
    ['too few digits', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['endless text', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(300)}`],
  ])('is none with %s', (_, text) => {
    expect(parseTraceParent(text)).toBeNull();
  });

  it('that one character makes another is none, or says another thing', () => {
    const text = `00-${TRACE}-${SPAN}-01`;
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }), (at, letter) => {
        fc.pre(text[at] !== letter);
        const changed = parseTraceParent(text.slice(0, at) + letter + text.slice(at + 1));
        if (changed !== null) expect(letter).toMatch(/^[0-9a-f]$/);
      }),
    );
  });

  it('is none of the texts that a stranger makes up, and never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => parseTraceParent(text) === null));
  });
});
