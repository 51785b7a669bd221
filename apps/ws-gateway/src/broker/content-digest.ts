import { hash } from 'node:crypto';

/** Base64 digits that are kept: 96 bits, so that two contents under one key are told apart for certain enough. */
const DIGITS = 16;

/** A short name of a content, equal for equal contents: two SENDs under one client-message-id are compared by it. */
export function contentDigest(content: string): string {
  return hash('sha256', content, 'base64').slice(0, DIGITS);
}
