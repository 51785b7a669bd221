import { ChatError, describeTlsFailure } from '@chat/service-kit';

/** First words of error replies that say "not now": loading, failing over, out of memory, a script that runs too long. */
const PASSING_REPLIES = [
  'LOADING',
  'READONLY',
  'MASTERDOWN',
  'BUSY',
  'OOM',
  'TRYAGAIN',
  'CLUSTERDOWN',
  'NOREPLICAS',
  'MISCONF',
];

/** First words of what Redis says to a connection that it does not let in, and what to do about it. */
const LOGIN_ADVICE = [
  ['WRONGPASS', 'Redis knows no such user with this password: see REDIS_URL.'],
  ['NOAUTH', 'Redis asks who we are: REDIS_URL needs a user and a password.'],
  ['NOPERM', 'The user of REDIS_URL may do less than this app needs: see docs/security-setup.md.'],
] as const;
const ENDED_EARLY = 'Redis ended the connection before it answered: it may expect TLS, with rediss:// in REDIS_URL.';

/**
 * What a failed request means to its caller: UNAVAILABLE where Redis does not answer or says "not now" (retrying can
 * help), INTERNAL where it answers that the request itself is wrong.
 */
export function toRedisFailure(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  const isWrong = isErrorReply(error) && !PASSING_REPLIES.some((word) => error.message.startsWith(word));
  return new ChatError(isWrong ? 'INTERNAL' : 'UNAVAILABLE', {
    message: isWrong ? 'Redis refused a request.' : 'Redis does not answer.',
    cause: forgetArguments(error),
  });
}

/** The error without what its command was given: of a login that is the password. */
export function forgetArguments(error: unknown): unknown {
  if (error instanceof Error && 'command' in error) delete (error.command as { args?: unknown } | undefined)?.args; // as ioredis makes them
  return error;
}

/** What an operator can do about a connection that Redis or TLS refuses; null where the error does not tell. */
export function adviceOn(error: unknown, { hasWorked }: { readonly hasWorked: boolean }): string | null {
  const failure = describeTlsFailure(error);
  if (failure !== null) return `Redis is not trusted or not reached over TLS: ${failure} (REDIS_URL, REDIS_TLS_CA).`;
  if (!(error instanceof Error)) return null;
  if (!hasWorked && 'code' in error && error.code === 'ECONNRESET') return ENDED_EARLY;
  const [, advice] = LOGIN_ADVICE.find(([word]) => error.message.startsWith(word)) ?? [];
  return advice ?? null;
}

function isErrorReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
