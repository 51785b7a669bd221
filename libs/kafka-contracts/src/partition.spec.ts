import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from './partition.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('partitionOf', () => {
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %j as UtilsTest.testMurmur2 of Apache Kafka lists', (text, hash) => {
    expect(murmur2(bytes(text))).toBe(hash);
  });

  it('clears the sign bit before the modulo', () => {
    expect(partitionOf('21', 12)).toBe((-973932308 & 0x7fffffff) % 12);
  });
});
