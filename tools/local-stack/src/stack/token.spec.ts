import jwt from 'jsonwebtoken';
import { describe, expect, it } from 'vitest';
import { createToken, parseDurationS } from './token.ts';

const SECRET = 'a secret of at least thirty-two bytes';

describe('createToken', () => {
  it('signs the user id as text, the username and an end, with HS256', () => {
    const token = createToken({ userId: 3, username: 'cleo', expiresInS: 60 }, SECRET);
    const { header, payload } = jwt.verify(token, SECRET, { algorithms: ['HS256'], complete: true });
    expect(header.alg).toBe('HS256');
    expect(payload).toEqual({ sub: '3', username: 'cleo', iat: expect.any(Number), exp: expect.any(Number) });
    expect(typeof payload === 'object' && Number(payload.exp) - Number(payload.iat)).toBe(60);
  });
});

describe('parseDurationS', () => {
  it.each([
    ['90s', 90],
    ['30m', 1_800],
    ['12h', 43_200],
    ['7d', 604_800],
  ])('reads %s', (text, seconds) => {
    expect(parseDurationS(text)).toBe(seconds);
  });

  it.each(['', '0h', '12', 'h', '-1h', '1.5h', '1w', '12h '])('refuses "%s"', (text) => {
    expect(parseDurationS(text)).toBeNull();
  });
});
