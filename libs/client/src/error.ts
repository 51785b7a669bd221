import type { ChatErrorCode } from '@chat/dto';

/** What the SDK itself refuses or gives up, beside the codes of the service (docs/stomp.md, "Codes"). */
export const CLIENT_ERRORS = {
  QUEUE_FULL: { retryable: true, message: 'Too much waits to be sent.' },
  NOT_SENT: { retryable: true, message: 'It could not be sent until the deadline, and is not there.' },
  CONNECTION_LOST: { retryable: true, message: 'The connection was lost before the answer came.' },
  NOT_CONNECTED: { retryable: true, message: 'There is no connection.' },
  TIMEOUT: { retryable: true, message: 'No answer came in time.' },
  NO_TOKEN: { retryable: true, message: 'getToken gave no token.' },
  SESSION_ENDED: { retryable: false, message: 'The service ended the session for good.' },
  CLOSED: { retryable: false, message: 'The client was closed.' },
  NO_API: { retryable: false, message: 'This needs apiUrl, the address of the REST API.' },
  BAD_ANSWER: { retryable: true, message: 'The answer was not that of the service.' },
  LISTENER_FAILED: { retryable: false, message: 'A callback of the application threw.' },
} as const;

export type ClientErrorCode = keyof typeof CLIENT_ERRORS;

/** Codes of the service, of the SDK, and of later versions of either. */
export type ChatClientErrorCode = ChatErrorCode | ClientErrorCode | (string & {});

export interface ChatClientErrorOptions {
  readonly code: ChatClientErrorCode;
  readonly message: string;
  /** Whether the same request can succeed later. */
  readonly retryable: boolean;
  readonly cause?: unknown;
  /** Under which a SEND may safely be repeated, where it was one. */
  readonly clientMessageId?: string | undefined;
}

/** The one error that promises of the SDK reject with: programs go by `code` and `retryable`, `message` is for people. */
export class ChatClientError extends Error {
  override readonly name = 'ChatClientError';
  readonly code: ChatClientErrorCode;
  readonly retryable: boolean;
  readonly clientMessageId: string | undefined;

  constructor({ code, message, retryable, cause, clientMessageId }: ChatClientErrorOptions) {
    super(message, { cause });
    this.code = code;
    this.retryable = retryable;
    this.clientMessageId = clientMessageId;
  }
}

/** An error of the SDK's own. `message` takes the place of the table's. */
export function clientError(
  code: ClientErrorCode,
  { message, ...more }: Partial<Omit<ChatClientErrorOptions, 'code' | 'retryable'>> = {},
): ChatClientError {
  return new ChatClientError({ ...CLIENT_ERRORS[code], ...(message !== undefined && { message }), code, ...more });
}
