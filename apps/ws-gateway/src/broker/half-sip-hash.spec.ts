import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfSipHash } from './half-sip-hash.ts';

const KEY = { low: 0x03020100, high: 0x07060504 };
const noWords = new Int32Array(0);
const counted = (length: number) => Uint8Array.from({ length }, (_, index) => index);

function hexOf(words: Int32Array, bytes: Uint8Array, from = 0, to = bytes.length): string {
  const { low, high } = halfSipHash(KEY, { words, bytes, from, to });
  const out = Buffer.alloc(8);
  out.writeInt32LE(low, 0);
  out.writeInt32LE(high, 4);
  return out.toString('hex');
}

describe('HalfSipHash-2-4', () => {
  it.each([
    [0, '218d1f59b9b83cc8'],
    [1, 'be552412f8387315'],
    [2, '064f39ef7c50eb57'],
    [3, 'ce0f1a45f7060679'],
    [4, 'd5e78a175be52ea1'],
    [5, 'cb9d7c3f2f3db580'],
    [6, 'ce3e91358aa2bc25'],
  ])('of %i bytes is what the reference lists', (length, expected) => {
    expect(hexOf(noWords, counted(length))).toBe(expected);
  });

  it('takes words for their bytes, and of the bytes only the part', () => {
    fc.assert(
      fc.property(
        fc.int32Array({ maxLength: 5 }),
        fc.uint8Array({ maxLength: 20 }),
        fc.nat(20),
        (words, bytes, cut) => {
          const from = Math.min(cut, bytes.length);
          const asBytes = Buffer.concat([Buffer.from(words.buffer), bytes.subarray(from)]);
          expect(hexOf(words, bytes, from)).toBe(hexOf(noWords, asBytes));
        },
      ),
    );
  });
});
