import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEFAULT_FRAME_LIMITS, PROTOCOL_ERRORS } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it.each(Object.entries(DEFAULT_FRAME_LIMITS))('the README tells the default of %s', (name, value) => {
  const [row = ''] = new RegExp(`^\\| \`${name}\` .*$`, 'm').exec(readme) ?? [];
  const [, , number, , code = ''] = row.split('|').map((cell) => cell.trim());
  expect(number).toBe(value.toLocaleString('en'));
  expect(Object.keys(PROTOCOL_ERRORS)).toContain(code.replaceAll('`', ''));
});
