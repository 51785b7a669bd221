import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLOSE_CODES } from './close-codes.ts';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

describe('the close codes', () => {
  it.each(Object.entries(CLOSE_CODES))('name %s in the README as the gateway has it', (_, row) => {
    const { code, meaning, reconnect } = row;
    const line = readme.split('\n').find((text) => text.startsWith(`| ${code} |`)) ?? '';
    expect(line.split('|').map((cell) => cell.trim())).toEqual(['', String(code), meaning, reconnect, '']);
  });

  it('have reasons that fit into a close frame', () => {
    for (const { meaning } of Object.values(CLOSE_CODES)) expect(Buffer.byteLength(meaning)).toBeLessThanOrEqual(123);
  });
});
