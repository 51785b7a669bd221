import { createToken } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { judgeLogs } from './log-leaks.ts';

const FORBIDDEN = { contentMark: 'not-for-the-logs', secrets: ['the-secret'] };

const judge = (text: string) => judgeLogs([{ file: 'app.log', text }], FORBIDDEN);
const CLEAN = { tokens: [], contents: [], secrets: [], troubles: [], denials: [], errors: [], noJson: [] };

describe('the judgement over logs', () => {
  it('has nothing against a line about what happened', () => {
    expect(judge('{"level":"info","msg":"ready"}')).toEqual(CLEAN);
  });

  it.each([
    ['tokens', JSON.stringify({ level: 'info', header: `Bearer ${createToken()}` })],
    ['tokens', JSON.stringify({ level: 'info', token: createToken({ algorithm: 'none' }) })],
    ['contents', '{"level":"info","reason":"Unexpected token in \\"hello not-for-the-logs\\""}'],
    ['secrets', '{"level":"info","config":{"jwtSecret":"the-secret"}}'],
    ['troubles', '{"level":"info","reason":"unhandled rejection"}'],
    ['denials', '{"level":"warn","reason":"NOPERM this user has no permissions"}'],
    ['denials', '{"level":"warn","reason":"permission denied for table messages"}'],
    ['denials', '{"level":"warn","reason":"Not authorized to access topics: [Topic authorization failed]"}'],
    ['errors', '{"level":"error","msg":"someone must look"}'],
    ['errors', '{"level":"fatal","msg":"the app cannot go on"}'],
    ['noJson', '(node:1) Warning: something'],
  ] as const)('finds %s in %s', (what, text) => {
    expect(judge(text)).toEqual({ ...CLEAN, [what]: [`app.log: ${text}`.slice(0, 509)] });
  });
});
