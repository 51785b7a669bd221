import { randomBytes } from 'node:crypto';
import { TEST_JWT_SECRET } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { weaknessOf } from './weak-secret.ts';

describe('a weak secret', () => {
  it.each([
    [TEST_JWT_SECRET, 'is one of examples'],
    ['your-256-bit-key-0123x9a8b7c6d5e4f3', 'is one of examples'],
    ['ChangeMe-ChangeMe-ChangeMe-ChangeMe!', 'is one of examples'],
    ['x'.repeat(64), 'fewer than 10 different characters'],
    ['0101010101101001011010010110100110', 'fewer than 10 different characters'],
    ['k7Qz!pR2wL'.repeat(4), 'repeats a shorter text'],
    ['abcdefghijklmnopqrstuvwxyzABCDEF', 'a run of the alphabet'],
    ['zq9876543210!kpwaxzq98kpwax!mmtt', 'a run of the alphabet'],
    ['aaaaaaaaaaaaaaaaaaaaaaaabcxyzwvu1', 'too easily guessed'],
  ])('is %s: it %s', (secret, words) => {
    expect(weaknessOf(secret)).toContain(words);
  });

  it.each(['hex', 'base64', 'base64url'] as const)('is none of 32 random bytes in %s', (encoding) => {
    for (let count = 0; count < 500; count += 1) {
      expect(weaknessOf(randomBytes(32).toString(encoding))).toBeNull();
    }
  });
});
