import { describe, expect, it } from 'vitest';
import { CLOSE_CODES } from './close-codes.ts';

describe('the close codes', () => {
  it('have reasons that fit into a close frame', () => {
    for (const { meaning } of Object.values(CLOSE_CODES)) expect(Buffer.byteLength(meaning)).toBeLessThanOrEqual(123);
  });
});
