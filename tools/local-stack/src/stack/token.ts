import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';

export interface TokenClaims {
  readonly userId: number;
  readonly username: string;
  readonly expiresInS: number;
}

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** A token (HS256) as the apps accept it: `sub`, `username`, `iat`, `exp`. */
export function createToken({ userId, username, expiresInS }: TokenClaims, secret: string): string {
  return jwt.sign({ username }, createSecretKey(Buffer.from(secret, 'utf8')), {
    algorithm: 'HS256',
    subject: String(userId),
    expiresIn: expiresInS,
  });
}

/** Seconds of "90s", "30m", "12h" or "7d"; null for anything else. */
export function parseDurationS(text: string): number | null {
  const match = /^([1-9][0-9]{0,8})([smhd])$/.exec(text);
  if (match === null) return null;
  const [, count, unit] = match;
  return Number(count) * SECONDS[unit as keyof typeof SECONDS]; // the pattern allows no other unit
}
