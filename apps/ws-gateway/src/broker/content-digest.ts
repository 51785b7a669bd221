import type { MessageChange } from '@chat/dto';
import { restAt, wordAt, type ByteRange } from '@chat/kafka-contracts';

const UTF8 = new TextEncoder();
/** Odd, far from each other: 2^32 by the golden ratio, and the first multiplier of MurmurHash3. */
const [FIRST, SECOND] = [0x9e3779b1, 0xcc9e2d51];

/**
 * A short name of a content, equal for equal contents: two SENDs under one client-message-id are compared by it, within
 * this process. Made to be fast and not to be hard to forge: who makes two contents of one digest and sends both under one
 * key only has their own second message taken for a repeat of their first.
 */
export function contentDigest(content: string): number {
  const bytes = UTF8.encode(JSON.stringify(content));
  return writtenContentDigest({ bytes, from: 0, to: bytes.length });
}

/**
 * The same of a content as `JSON.stringify` writes it. Two lanes take in the bytes four at a time, each with a step that
 * loses nothing of the word and spreads it by a product and a rotation; 53 bits of them, which a number holds.
 */
export function writtenContentDigest({ bytes, from, to }: ByteRange): number {
  let first = to - from;
  let second = ~first;
  for (let at = from; at < to; at += 4) {
    const word = at + 4 <= to ? wordAt(bytes, at) : restAt(bytes, at, to);
    const product = Math.imul(first ^ word, FIRST);
    const other = Math.imul(second ^ word, SECOND);
    first = (product << 15) | (product >>> 17);
    second = (other << 13) | (other >>> 19);
  }
  const low = mixed(first ^ Math.imul(second, FIRST));
  const high = mixed(second ^ Math.imul(low, SECOND));
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

/** The same of all that a message says, by the digest of its content: of a change with what it changes. */
export function messageDigest(ofContent: number, change: MessageChange | null): number {
  if (change === null) return ofContent;
  return contentDigest(`${change.kind} ${change.targetId} ${change.isRemoval} ${ofContent}`);
}

/** Every bit of a word has its part in every bit of the result. Source: the finalizer of MurmurHash3. */
function mixed(word: number): number {
  let mixing = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return mixing ^ (mixing >>> 16);
}
