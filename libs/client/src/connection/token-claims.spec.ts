import { createToken } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { claimsOf, isFresh, refreshDelayMs } from './token-claims.ts';

const AHEAD_MS = 60_000;
const now = 1_000_000_000;
const claims = (expiresInSeconds: number, issuedAgoSeconds = 0) => ({
  userId: 1,
  expiresAt: now / 1_000 + expiresInSeconds,
  issuedAt: now / 1_000 - issuedAgoSeconds,
});

describe('the claims of a token', () => {
  it('are read without verifying it', () => {
    const { userId, expiresAt, issuedAt } = claimsOf(createToken({ userId: 7, claims: { name: 'Zoë ?>' } }));
    expect(userId).toBe(7);
    expect((expiresAt ?? 0) - (issuedAt ?? 0)).toBe(3_600);
  });

  it.each(['', 'x', 'a.b.c', 'a.bnVsbA.c'])('are unknown of %j', (token) => {
    expect(claimsOf(token)).toEqual({ userId: null, expiresAt: null, issuedAt: null });
  });
});

describe('a token', () => {
  it('is renewed a minute before it expires, or after two thirds of its life where that is shorter', () => {
    expect(refreshDelayMs(claims(3_600), now, AHEAD_MS)).toBe(3_540_000);
    expect(refreshDelayMs(claims(30), now, AHEAD_MS)).toBe(20_000);
    expect(refreshDelayMs(claims(0.5), now, AHEAD_MS)).toBe(1_000);
  });

  it('that seems to have expired but was taken is renewed by its life, since the clock here is wrong', () => {
    expect(refreshDelayMs(claims(-600, 3_600 - 600), now, AHEAD_MS)).toBe(2_400_000 - AHEAD_MS);
  });

  it('that never expires, or so late that no timer reaches it, is left alone so long', () => {
    expect(refreshDelayMs({ userId: 1, expiresAt: null, issuedAt: null }, now, AHEAD_MS)).toBeNull();
    expect(refreshDelayMs(claims(90 * 86_400), now, AHEAD_MS)).toBe(2 ** 31 - 1);
  });

  it('is fresh for a second more at least', () => {
    expect([isFresh(claims(2), now), isFresh(claims(1), now)]).toEqual([true, false]);
  });
});
