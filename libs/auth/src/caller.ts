import { createHash } from 'node:crypto';
import {
  cutToCodePoints,
  fallbackUsername,
  isStorableText,
  parseUserId,
  UserIdSchema,
  USERNAME_MAX_CODE_POINTS,
  type UserId,
} from '@chat/dto';
import { ChatError } from '@chat/service-kit';

/** Whom a verified token speaks for, and until when (Unix milliseconds). */
export interface Caller {
  readonly userId: UserId;
  readonly username: string;
  readonly expiresAt: number;
  readonly token: TokenMark;
}

/** By what a token is told from others, where it is revoked. */
export interface TokenMark {
  /** Its `jti`; without one `sha256:` and the digest of what was signed, so that no other writing of it is another token. */
  readonly id: string;
  /** Unix ms; null where it does not say. */
  readonly issuedAt: number | null;
}

/** Longest `jti` that counts, in UTF-16 units. */
const TOKEN_ID_MAX_LENGTH = 200;

/** Claims that may carry the username; the first usable one counts. */
const USERNAME_CLAIMS = ['username', 'preferred_username', 'name'] as const;

/**
 * The caller of a token's payload whose signature and times were verified. UNAUTHENTICATED where `sub` is not a numeric user id or
 * `exp` is missing. It expires by so many seconds later, as it was let in.
 */
export function callerOf(claims: Readonly<Record<string, unknown>>, token: string, toleranceSeconds = 0): Caller {
  const userId = userIdOf(claims['sub']);
  if (userId === null) throw new ChatError('UNAUTHENTICATED', { message: 'The token needs a numeric "sub".' });
  const expiresAt = claims['exp'];
  if (typeof expiresAt !== 'number') throw new ChatError('UNAUTHENTICATED', { message: 'The token needs an "exp".' });
  const username = usernameOf(claims) ?? fallbackUsername(userId);
  return { userId, username, expiresAt: (expiresAt + toleranceSeconds) * 1000, token: tokenMarkOf(claims, token) };
}

function tokenMarkOf({ jti, iat }: Readonly<Record<string, unknown>>, token: string): TokenMark {
  const isNamed = typeof jti === 'string' && jti !== '' && jti.length <= TOKEN_ID_MAX_LENGTH && isStorableText(jti);
  return { id: isNamed ? jti : digestOf(token), issuedAt: typeof iat === 'number' ? iat * 1000 : null };
}

function digestOf(token: string): string {
  const signed = token.slice(0, token.lastIndexOf('.'));
  return `sha256:${createHash('sha256').update(signed).digest('base64url')}`;
}

/** RFC 7519 makes `sub` a string; issuers that write a JSON number are understood too. */
function userIdOf(sub: unknown): UserId | null {
  if (typeof sub === 'string') return parseUserId(sub);
  const parsed = UserIdSchema.safeParse(sub);
  return parsed.success ? parsed.data : null;
}

function usernameOf(claims: Readonly<Record<string, unknown>>): string | null {
  for (const name of USERNAME_CLAIMS) {
    const value = claims[name];
    if (typeof value === 'string' && value.trim() !== '' && isStorableText(value)) {
      return cutToCodePoints(value, USERNAME_MAX_CODE_POINTS);
    }
  }
  return null;
}
