import { restAt, wordAt } from '@chat/kafka-contracts';

/** 64 bits, in two signed words. */
export interface Hash64 {
  readonly low: number;
  readonly high: number;
}

/** 64 bits in two signed words. Who does not know it cannot make two inputs of one hash. */
export interface HashKey {
  readonly low: number;
  readonly high: number;
}

/** What is hashed: some words, then bytes `from` to before `to`. */
export interface HashInput {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

const [ROUNDS, FINAL_ROUNDS] = [2, 4];

/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein; https://github.com/veorq/SipHash), of the words in
 * little-endian order and then the bytes. Its rounds are written once: two steps without input follow those with a word.
 */
export function halfSipHash(key: HashKey, { words, bytes, from, to }: HashInput): Hash64 {
  let v0 = key.low;
  let v1 = key.high ^ 0xee;
  let v2 = 0x6c796765 ^ key.low;
  let v3 = 0x74656462 ^ key.high;
  const bytesAt = words.length;
  const lastAt = bytesAt + ((to - from) >>> 2);
  let low = 0;
  for (let step = 0; step <= lastAt + 2; step += 1) {
    let word = 0;
    let rounds = ROUNDS;
    if (step < bytesAt) word = words[step] ?? 0;
    else if (step < lastAt) word = wordAt(bytes, from + ((step - bytesAt) << 2));
    else if (step === lastAt)
      word = restAt(bytes, from + ((step - bytesAt) << 2), to) | ((words.length * 4 + to - from) << 24);
    else {
      rounds = FINAL_ROUNDS;
      if (step === lastAt + 1) v2 ^= 0xee;
      else {
        low = v1 ^ v3;
        v1 ^= 0xdd;
      }
    }
    v3 ^= word;
    for (; rounds > 0; rounds -= 1) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    v0 ^= word;
  }
  return { low, high: v1 ^ v3 };
}
