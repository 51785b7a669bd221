import { describe, expect, it } from 'vitest';
import { FRAMES } from './frame-vectors.ts';
import { ENDS_OF_LINE, ESCAPES, FIRST_FRAMES } from './header-vectors.ts';
import { cut, parseAll, singly } from './parse-all.ts';

/*
 * Every vector is read whole, split in two at every byte, and byte by byte; the outcome must be the same, the error and
 * its receipt id included.
 */

describe.each([
  ['frames', FRAMES],
  ['escapes', ESCAPES],
  ['ends of line', ENDS_OF_LINE],
  ['first frames', FIRST_FRAMES],
])('%s', (_name, vectors) => {
  it.each(vectors.map((vector) => [vector.version ?? 'any version', vector.title, vector] as const))(
    '%s: %s',
    (_version, _title, { version, bytes, events, error, receiptId, source }) => {
      const expected = { events, error: error === undefined ? null : { code: error, receiptId } };
      expect(parseAll([bytes], { version }), source).toEqual(expected);
      expect(parseAll(singly(bytes), { version }), `byte by byte; ${source}`).toEqual(expected);
      for (let at = 1; at < bytes.length; at += 1) {
        expect(parseAll(cut(bytes, [at]), { version }), `split at ${at}; ${source}`).toEqual(expected);
      }
    },
  );
});
