import { createHash } from 'node:crypto';
import { REPEAT_KEY_MAX_LENGTH } from './limits.ts';

/** What looks like a digest is stored as its digest, so that no text is taken for the digest of another. */
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * A repeat key as Postgres can hold and index it. Headers are free text of whoever produced the record: what holds U+0000
 * or is too long for an index is stored as its digest, which repeats exactly when the text does. Ours are never changed.
 */
export function storableKey(key: string): string {
  const isStorable = key.length <= REPEAT_KEY_MAX_LENGTH && !key.includes('\u0000');
  if (isStorable && !DIGEST.test(key)) return key;
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
