import { CHAT_ERRORS, type ChatErrorCode } from '@chat/dto';

/** One invalid field: where it is and what is wrong with it. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

interface ChatErrorOptions {
  /** A sentence that helps more than the table's; must not carry secrets or content. */
  readonly message?: string;
  readonly fields?: readonly FieldProblem[];
  readonly cause?: unknown;
}

/**
 * The one error of domain code: a code of the public table, whether a retry can help, and the fields at fault. It knows
 * no HTTP, STOMP or Kafka; the edges translate it.
 */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: ChatErrorCode;
  readonly retryable: boolean;
  readonly fields: readonly FieldProblem[];

  constructor(code: ChatErrorCode, options: ChatErrorOptions = {}) {
    super(options.message ?? CHAT_ERRORS[code].message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryable = CHAT_ERRORS[code].retryable;
    this.fields = options.fields ?? [];
  }
}

/** INVALID_REQUEST that names each of these fields, in its sentence and one by one. */
export function invalidRequest(...fields: readonly FieldProblem[]): ChatError {
  return new ChatError('INVALID_REQUEST', {
    message: `Invalid: ${fields.map(({ field }) => field).join(', ')}.`,
    fields,
  });
}

/** What an edge answers for any thrown value: a ChatError as it is, everything else as INTERNAL with its cause. */
export function toChatError(error: unknown): ChatError {
  return error instanceof ChatError ? error : new ChatError('INTERNAL', { cause: error });
}
