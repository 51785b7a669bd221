import { CHAT_ERRORS, openSet, type ChatErrorCode } from '@chat/dto';
import { ChatError, DeadlineError, toChatError } from '@chat/service-kit';
import { z } from 'zod';

/** HTTP status of each code: the edge's table. */
export const STATUS_OF = {
  INVALID_REQUEST: 400,
  INVALID_JSON: 400,
  BODY_TOO_LARGE: 413,
  UNAUTHENTICATED: 401,
  REVOKED: 401,
  TOKEN_EXPIRED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  ROOM_NOT_FOUND: 404,
  MEMBER_NOT_FOUND: 404,
  MESSAGE_NOT_FOUND: 404,
  MESSAGE_DELETED: 409,
  LAST_SEEN_NOT_FOUND: 404,
  NOT_A_MEMBER: 403,
  INVITATION_REQUIRED: 403,
  INVITATION_NOT_FOUND: 404,
  BANNED: 403,
  BAN_NOT_FOUND: 404,
  ROOM_ARCHIVED: 409,
  ROOM_FULL: 409,
  OWNER_MUST_STAY: 409,
  DIRECT_ROOM_FIXED: 409,
  UNKNOWN_DESTINATION: 404,
  TOO_MANY_SUBSCRIPTIONS: 429,
  TOO_MANY_SESSIONS: 429,
  RATE_LIMITED: 429,
  TOO_MANY_UNACKNOWLEDGED: 429,
  TOO_MANY_TRANSACTIONS: 429,
  TRANSACTION_TOO_LARGE: 413,
  IDEMPOTENCY_CONFLICT: 409,
  OVERLOADED: 503,
  UNAVAILABLE: 503,
  UNKNOWN: 503,
  INTERNAL: 500,
} as const satisfies Record<ChatErrorCode, number>;

const CODES = Object.keys(CHAT_ERRORS) as [ChatErrorCode, ...ChatErrorCode[]]; // Object.keys forgets the keys of a const object

export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: openSet(CODES),
    retryable: z.boolean(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({
    description:
      'RFC 9457 problem details. `code` is the stable name to program against; `errors` names every invalid field.',
  });
export type Problem = z.infer<typeof ProblemSchema>;

/** What a client is told of any thrown value. The words of an unknown error stay inside. */
export function problemOf(error: unknown): Problem {
  const { code, message, retryable, fields } = knownErrorOf(error);
  return {
    type: `urn:chat:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: CHAT_ERRORS[code].message,
    status: STATUS_OF[code],
    detail: message,
    code,
    retryable,
    ...(fields.length > 0 && { errors: [...fields] }),
  };
}

/** The ChatError that a thrown value means: one as it is, a passed deadline, a fault that body-parser or express found. */
export function knownErrorOf(error: unknown): ChatError {
  if (error instanceof DeadlineError) return new ChatError('UNAVAILABLE', { cause: error });
  const fault = requestFaultOf(error);
  return fault === null ? toChatError(error) : fault;
}

/** Errors of express and its body parser carry a `type` or a status of the 400s; what they mean is decided here. */
function requestFaultOf(error: unknown): ChatError | null {
  if (!(error instanceof Error) || error instanceof ChatError) return null;
  const { type, status } = error as Error & { type?: unknown; status?: unknown }; // not typed by express
  if (type === 'entity.too.large') return new ChatError('BODY_TOO_LARGE', { message: tooLarge(error), cause: error });
  if (type === 'entity.parse.failed') return new ChatError('INVALID_JSON', { cause: error });
  if (typeof status !== 'number' || status < 400 || status > 499) return null;
  return new ChatError('INVALID_REQUEST', { cause: error });
}

function tooLarge(error: Error): string {
  const { limit } = error as Error & { limit?: unknown }; // body-parser says which limit
  return typeof limit === 'number' ? `The body is larger than ${limit} bytes.` : CHAT_ERRORS.BODY_TOO_LARGE.message;
}
