import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEFAULT_FRAME_LIMITS, FRAME_LIMIT_RULES, type FrameLimits } from './index.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it.each(Object.keys(FRAME_LIMIT_RULES) as (keyof FrameLimits)[])('the README tells the default of %s', (name) => {
  const [row = ''] = new RegExp(`^\\| \`${name}\` .*$`, 'm').exec(readme) ?? [];
  const [, , number, code = '', counts] = row.split('|').map((cell) => cell.trim());
  const rule = FRAME_LIMIT_RULES[name];
  expect(number).toBe(DEFAULT_FRAME_LIMITS[name].toLocaleString('en'));
  expect(code.replaceAll('`', '')).toBe(rule.error);
  expect(counts).toBe(rule.counts);
});
