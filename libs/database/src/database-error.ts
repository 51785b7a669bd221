import { ChatError, describeTlsFailure } from '@chat/service-kit';

/** Prisma's codes for a database that does not answer, refuses, is full, or gave a transaction up. */
const UNAVAILABLE_PRISMA_CODES = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1011',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
  'P2037',
]);

/** Error classes and codes of Postgres after which the same work can succeed later (PostgreSQL manual, appendix A). */
const UNAVAILABLE_SQLSTATES = [
  '08', // connection exception
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
  '40', // transaction rollback: deadlock, serialization failure
  '53', // insufficient resources
  '55P03', // lock_timeout
  '57', // operator intervention: statement_timeout, shutdown, cannot connect now
  '58', // system error
] as const;

/** Socket errors of Node, and the sentences of pg that carry no code. */
const UNAVAILABLE_SYSTEM_CODES = /^(E(CONN|HOST|NET|PIPE|TIMEDOUT|AI_)|ENOTFOUND)/;
const UNAVAILABLE_SENTENCES =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|Cannot use a pool after calling end|Client has encountered a connection error|Transaction (not found|already closed)|Unable to start a transaction/i;

/** Kinds that @prisma/adapter-pg makes of driver errors. */
const UNAVAILABLE_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
  'TransactionWriteConflict',
  'TransactionAlreadyClosed',
]);

/** How deep causes are followed; a chain longer than this is a circle. */
const CAUSE_DEPTH_MAX = 8;

/**
 * What callers see of a database error: a connection failure, a timeout, a lost lock race or a full server becomes
 * ChatError UNAVAILABLE (retryable) with its cause; everything else, ChatErrors included, stays what it is.
 */
export function toDatabaseError(error: unknown): unknown {
  if (error instanceof ChatError) return error;
  return causesOf(error).some(isOutage) ? new ChatError('UNAVAILABLE', { cause: error }) : error;
}

/** The same error with what an operator can do about it in front, where TLS failed; else null. */
export function tlsFailureOf(error: unknown): Error | null {
  const told = causesOf(error).map((each) => new Error([fieldOf(each, 'message'), fieldOf(each, 'reason')].join(' ')));
  const failure = told.map(describeTlsFailure).find((each) => each !== null);
  if (failure === undefined) return null;
  return new Error(`Postgres is not trusted or not reached over TLS: ${failure} (sslrootcert of DATABASE_URL)`, {
    cause: error,
  });
}

/** Whether a statement was given up because it took too long, not because the database is away. */
export function isStatementTimeout(error: unknown): boolean {
  return causesOf(error).some((each) => [fieldOf(each, 'code'), fieldOf(each, 'originalCode')].includes('57014'));
}

function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = [error];
  for (const each of causes) {
    if (causes.length > CAUSE_DEPTH_MAX) break;
    causes.push(...innerErrorsOf(each));
  }
  return causes;
}

/** A cause, the errors of an AggregateError, or the driver's error that Prisma keeps under `meta`. */
function innerErrorsOf(error: unknown): unknown[] {
  const inner = [fieldOf(error, 'cause'), fieldOf(fieldOf(error, 'meta'), 'driverAdapterError')];
  if (error instanceof AggregateError) inner.push(...error.errors);
  return inner.filter((each) => each !== undefined && each !== null);
}

function isOutage(error: unknown): boolean {
  const codes = [fieldOf(error, 'code'), fieldOf(error, 'originalCode')].filter((code) => typeof code === 'string');
  if (codes.some(isOutageCode)) return true;
  const kind = fieldOf(error, 'kind');
  if (typeof kind === 'string' && UNAVAILABLE_KINDS.has(kind)) return true;
  const message = fieldOf(error, 'message');
  return typeof message === 'string' && UNAVAILABLE_SENTENCES.test(message);
}

function isOutageCode(code: string): boolean {
  if (UNAVAILABLE_PRISMA_CODES.has(code) || UNAVAILABLE_SYSTEM_CODES.test(code)) return true;
  return code.length === 5 && UNAVAILABLE_SQLSTATES.some((state) => code.startsWith(state));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined; // `in` showed it
}
