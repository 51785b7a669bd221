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
}

/** Claims that may carry the username; the first usable one counts. */
const USERNAME_CLAIMS = ['username', 'preferred_username', 'name'] as const;

/**
 * The caller of a payload whose signature and times were verified. UNAUTHENTICATED where `sub` is not a numeric user id or
 * `exp` is missing.
 */
export function callerOf(claims: Readonly<Record<string, unknown>>): Caller {
  const userId = userIdOf(claims['sub']);
  if (userId === null) throw new ChatError('UNAUTHENTICATED', { message: 'The token needs a numeric "sub".' });
  const expiresAt = claims['exp'];
  if (typeof expiresAt !== 'number') throw new ChatError('UNAUTHENTICATED', { message: 'The token needs an "exp".' });
  return { userId, username: usernameOf(claims) ?? fallbackUsername(userId), expiresAt: expiresAt * 1000 };
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
