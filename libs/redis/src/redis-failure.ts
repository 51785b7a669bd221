import { ChatError } from '@chat/service-kit';

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

/**
 * What a failed request means to its caller: UNAVAILABLE where Redis does not answer or says "not now" (retrying can
 * help), INTERNAL where it answers that the request itself is wrong.
 */
export function toRedisFailure(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  const isWrong = isErrorReply(error) && !PASSING_REPLIES.some((word) => error.message.startsWith(word));
  return new ChatError(isWrong ? 'INTERNAL' : 'UNAVAILABLE', {
    message: isWrong ? 'Redis refused a request.' : 'Redis does not answer.',
    cause: error,
  });
}

function isErrorReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}
