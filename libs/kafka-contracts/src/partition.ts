import { restAt, wordAt } from './bytes.ts';

const UTF8 = new TextEncoder();
const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * The partition that every Kafka client's default partitioner chooses for a key: murmur2 of its UTF-8 bytes, sign bit
 * cleared, modulo the partition count. Source: org.apache.kafka.common.utils.Utils.murmur2.
 */
export function partitionOf(key: string, partitionCount: number): number {
  return partitionOfKey(UTF8.encode(key), partitionCount);
}

/** `partitionOf` for a key in UTF-8. */
export function partitionOfKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}

/** 32-bit murmur2 as Kafka's Java client computes it. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  let hash = (SEED ^ length) | 0;
  const whole = length & ~3;
  for (let at = 0; at < whole; at += 4) hash = Math.imul(hash, M) ^ mixed(wordAt(bytes, at));
  if (whole < length) hash = Math.imul(hash ^ restAt(bytes, whole, length), M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

function mixed(word: number): number {
  const k = Math.imul(word, M);
  return Math.imul(k ^ (k >>> 24), M);
}
