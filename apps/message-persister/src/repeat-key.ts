import { createHash } from 'node:crypto';
import { REPEAT_KEY_MAX_LENGTH } from './limits.ts';

/**
 * A repeat key as Postgres can hold and index it. Headers are free text of whoever produced the record: what holds U+0000
 * or is too long for an index is stored as its digest, which repeats exactly when the text does. Ours are never changed.
 */
export function storableKey(key: string): string {
  if (key.length <= REPEAT_KEY_MAX_LENGTH && !key.includes('\u0000')) return key;
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}
