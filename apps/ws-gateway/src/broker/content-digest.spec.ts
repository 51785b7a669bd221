import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentDigest, writtenContentDigest } from './content-digest.ts';

describe('the digest of a content', () => {
  it('is the same of the text and of what was written of it, wherever that lies', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(9), (content, from) => {
        const written = Buffer.from(JSON.stringify(content));
        const bytes = Buffer.concat([Buffer.alloc(from, 1), written, Buffer.from('more')]);
        expect(writtenContentDigest({ bytes, from, to: from + written.length })).toBe(contentDigest(content));
      }),
    );
  });

  it('is one of 2^53 numbers, and another one for each of many contents that hardly differ', () => {
    const padded = (index: number) => `${'x'.repeat(index % 50)}${index}${'y'.repeat(index % 31)}`;
    const digests = new Set<number>();
    for (let index = 0; index < 100_000; index += 1) digests.add(contentDigest(padded(index)));
    for (let length = 0; length < 2_000; length += 1) digests.add(contentDigest(' '.repeat(length)));
    expect(digests.size).toBe(102_000);
    for (const digest of digests)
      if (!Number.isSafeInteger(digest) || digest < 0) expect(digest).toBe('a safe integer');
  });

  it('has every one of its bits set in about half of the contents', () => {
    const counts = Array.from({ length: 53 }, () => 0);
    for (let index = 0; index < 4_000; index += 1) {
      let left = contentDigest(`message ${index}`);
      for (let bit = 0; bit < 53; bit += 1) {
        counts[bit] = (counts[bit] ?? 0) + (left % 2);
        left = Math.floor(left / 2);
      }
    }
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(250); // eight deviations
  });
});
