import { marked } from '../../clients/content.ts';

/** A long one has some 36 KB. */
export type MessageLength = 'short' | 'long';

const LONG_TEXT = '😀'.repeat(9_000);

/** What a message says under its key, which ends with its length: the same whenever it is sent again. */
export function contentOf(key: string): string {
  return marked(key.endsWith('long') ? `${key} ${LONG_TEXT}` : key);
}
