import { causesOf } from './error-causes.ts';

/** Broker answers that say no to the records themselves: the same batch will never be taken. Source: Kafka protocol error codes. */
const REFUSALS: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'INVALID_TRANSACTION_TIMEOUT',
  'POLICY_VIOLATION',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
]);
const TOO_LARGE: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
/** Errors of the code rather than of the world; kafkajs does not retry them either. */
const PROGRAMMING_ERRORS: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

/** An attempt failed and it is certain that nothing left this process, for want of a connection. */
export class NeverSentError extends Error {
  override readonly name = 'NeverSentError';

  constructor(cause: unknown) {
    super('there was no connection to send the records on', { cause });
  }
}

export type ProduceFailure = 'never sent' | 'outcome unknown' | 'refused' | 'too large';

/** What a failed attempt means. The first two are tried again until the deadline, as is whatever is not known to be final. */
export function judgeProduceFailure(error: unknown): ProduceFailure {
  for (const cause of causesOf(error)) {
    const type = 'type' in cause && typeof cause.type === 'string' ? cause.type : '';
    if (TOO_LARGE.has(type)) return 'too large';
    if (REFUSALS.has(type) || PROGRAMMING_ERRORS.has(cause.name)) return 'refused';
  }
  return error instanceof NeverSentError ? 'never sent' : 'outcome unknown';
}
