import { z } from 'zod';

/** A refusal that a client may see: whether the same request can succeed later, and the sentence without details. */
interface ErrorRule {
  readonly retryable: boolean;
  readonly message: string;
}

/** Every code a client can meet, on REST and STOMP alike. Codes are never renamed or reused. */
export const CHAT_ERRORS = {
  INVALID_REQUEST: { retryable: false, message: 'The request has invalid fields.' },
  INVALID_JSON: { retryable: false, message: 'The body is not valid JSON.' },
  BODY_TOO_LARGE: { retryable: false, message: 'The body is larger than allowed.' },
  UNAUTHENTICATED: { retryable: false, message: 'A valid bearer token is required.' },
  REVOKED: { retryable: false, message: 'The session or its token was revoked.' },
  TOKEN_EXPIRED: { retryable: false, message: 'The token has expired.' },
  FORBIDDEN: { retryable: false, message: 'The caller may not do this.' },
  NOT_FOUND: { retryable: false, message: 'There is nothing at this address.' },
  METHOD_NOT_ALLOWED: { retryable: false, message: 'This address does not answer that method.' },
  ROOM_NOT_FOUND: { retryable: false, message: 'There is no such room.' },
  MEMBER_NOT_FOUND: { retryable: false, message: 'The user is not a member of this room.' },
  MESSAGE_NOT_FOUND: { retryable: false, message: 'There is no such message in this room.' },
  MESSAGE_DELETED: { retryable: false, message: 'The message was deleted.' },
  LAST_SEEN_NOT_FOUND: { retryable: false, message: 'The user has never been seen in this room.' },
  NOT_A_MEMBER: { retryable: false, message: 'Only members of the room may do this.' },
  INVITATION_REQUIRED: { retryable: false, message: 'A private room is joined by invitation.' },
  INVITATION_NOT_FOUND: { retryable: false, message: 'There is no such invitation, or it has expired.' },
  BANNED: { retryable: false, message: 'The user is banned from this room.' },
  BAN_NOT_FOUND: { retryable: false, message: 'The user is not banned from this room.' },
  ROOM_ARCHIVED: { retryable: false, message: 'The room is archived.' },
  ROOM_FULL: { retryable: false, message: 'The room has as many members as it may have.' },
  OWNER_MUST_STAY: { retryable: false, message: 'The owner hands the room over before leaving it.' },
  DIRECT_ROOM_FIXED: { retryable: false, message: 'A direct room keeps its two members.' },
  UNKNOWN_DESTINATION: { retryable: false, message: 'There is no such destination.' },
  TOO_MANY_SUBSCRIPTIONS: { retryable: false, message: 'The session has as many subscriptions as it may have.' },
  TOO_MANY_SESSIONS: { retryable: true, message: 'The user has as many sessions as a user may have.' },
  RATE_LIMITED: { retryable: true, message: 'Too many frames or requests a second; try again shortly.' },
  TOO_MANY_UNACKNOWLEDGED: { retryable: true, message: 'Too many messages of the subscription are not acknowledged.' },
  TOO_MANY_TRANSACTIONS: { retryable: false, message: 'The session has as many open transactions as it may have.' },
  TRANSACTION_TOO_LARGE: { retryable: false, message: 'The transaction has as many frames or bytes as it may have.' },
  IDEMPOTENCY_CONFLICT: { retryable: false, message: 'The client-message-id was used for another message.' },
  OVERLOADED: { retryable: true, message: 'The service is busy; try again shortly.' },
  UNAVAILABLE: { retryable: true, message: 'A part that this needs does not answer; try again shortly.' },
  UNKNOWN: { retryable: true, message: 'The outcome is unknown; send again with the same client-message-id.' },
  INTERNAL: { retryable: true, message: 'Something went wrong inside the service.' },
} as const satisfies Record<string, ErrorRule>;

export type ChatErrorCode = keyof typeof CHAT_ERRORS;

/** Body of a MESSAGE on `/user/queue/errors`. */
export const ErrorDTOSchema = z.object({
  code: z.string(),
  message: z.string(),
  receiptId: z.string().optional(),
  clientMessageId: z.string().optional(),
  destination: z.string().optional(),
  retryable: z.boolean(),
});
export type ErrorDTO = z.infer<typeof ErrorDTOSchema>;
