import { TIMER_MAX_MS } from '../limits.ts';

/** What the SDK reads of a token, without verifying it: the service does that. Times in seconds since 1970. */
export interface TokenClaims {
  readonly userId: number | null;
  readonly expiresAt: number | null;
  readonly issuedAt: number | null;
}

/** Shortest time to the next renewal, in ms, however short the token lives. */
const REFRESH_MIN_MS = 1_000;

const NOTHING: TokenClaims = { userId: null, expiresAt: null, issuedAt: null };

/** The claims of a JWT; all null where it is none. */
export function claimsOf(token: string): TokenClaims {
  try {
    const json = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
    const { sub, exp, iat } = JSON.parse(json) as Record<string, unknown>; // each is looked at below
    const userId = Number(sub);
    return {
      userId: sub !== undefined && Number.isSafeInteger(userId) ? userId : null,
      expiresAt: typeof exp === 'number' ? exp : null,
      issuedAt: typeof iat === 'number' ? iat : null,
    };
  } catch {
    return NOTHING;
  }
}

/** Whether the token will be good for a while, as far as the clock here can tell. `now` in ms. */
export function isFresh({ expiresAt }: TokenClaims, now: number): boolean {
  return expiresAt === null || expiresAt * 1_000 - now > REFRESH_MIN_MS;
}

/**
 * In how many ms a token that the gateway has just taken is to be renewed; null where it does not say when it expires. One that
 * has expired by the clock here shows that this clock is wrong: then its whole life counts.
 */
export function refreshDelayMs({ expiresAt, issuedAt }: TokenClaims, now: number, aheadMs: number): number | null {
  if (expiresAt === null) return null;
  const byClock = expiresAt * 1_000 - now;
  const remainingMs = byClock > 0 || issuedAt === null ? byClock : (expiresAt - issuedAt) * 1_000;
  const delayMs = remainingMs - Math.min(aheadMs, remainingMs / 3);
  return Math.min(TIMER_MAX_MS, Math.max(REFRESH_MIN_MS, delayMs));
}
