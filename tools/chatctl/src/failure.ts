import { Interruption } from '@chat/local-stack/interruption';
import { EXIT_CODES } from './exit-codes.ts';
import { hintFor } from './hints.ts';

/** A command line, or an environment, that cannot be understood: said without a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What had to be said was said by the command already; this only makes the exit code. */
export class FailedQuietly extends Error {
  override readonly name = 'FailedQuietly';
  readonly retryable: boolean;

  constructor(retryable = false) {
    super('not all of it succeeded');
    this.retryable = retryable;
  }
}

/** Nobody reads what is written any more, as behind `| head`. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

/** A failure as it is told: `code` as of docs/errors.md, or one of USAGE, UNREACHABLE, FAILED. */
export interface ToldFailure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** How the process ends for this error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ReaderGone) return EXIT_CODES.done.code;
  if (error instanceof Interruption) return error.exitCode;
  if (error instanceof UsageError) return EXIT_CODES.usage.code;
  return failureOf(error).retryable ? EXIT_CODES.unavailable.code : EXIT_CODES.refused.code;
}

/** The failure in words: those of the service as they are, a network's with its cause. */
export function failureOf(error: unknown): ToldFailure {
  if (error instanceof UsageError) return { code: 'USAGE', message: error.message, retryable: false };
  if (!(error instanceof Error)) return { code: 'FAILED', message: String(error), retryable: false };
  const { code, retryable } = error as { readonly code?: unknown; readonly retryable?: unknown }; // errors that say so
  if (typeof retryable === 'boolean') {
    return { code: typeof code === 'string' ? code : 'FAILED', message: error.message, retryable };
  }
  if (isNetworkFailure(error)) return { code: 'UNREACHABLE', message: withCause(error), retryable: true };
  return { code: 'FAILED', message: withCause(error), retryable: false };
}

/** What a failure is told with: a sentence on one line, what helps, and where in the code it was if that is asked for. */
export function toldLines(error: unknown, isVerbose: boolean): readonly [string, ...string[]] {
  const { code, message } = failureOf(error);
  const hint = hintFor(code);
  const stack = isVerbose && code === 'FAILED' && error instanceof Error ? error.stack : undefined;
  const sentence = `${code}: ${message.trim().replaceAll(/\s*\n\s*/g, ' ')}`;
  return [sentence, ...[stack ?? hint].flatMap((line) => line ?? [])];
}

/** `fetch` rejects with a TypeError whose cause is the system's error; its deadline with a DOMException. */
function isNetworkFailure(error: Error): boolean {
  return (error instanceof TypeError && error.cause instanceof Error) || error.name === 'TimeoutError';
}

function withCause(error: Error): string {
  const { cause } = error;
  if (cause instanceof AggregateError) return `${error.message}: ${cause.errors.map(String).join('; ')}`;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
