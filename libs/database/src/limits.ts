/** Connections of one instance at most. */
export const POOL_MAX_DEFAULT = 10;
/** Longest wait for a connection: for a free one of the pool and for Postgres to accept a new one, in ms. */
export const CONNECTION_TIMEOUT_MS = 1_500;
/** Longest that one statement may run before Postgres ends it, in ms. */
export const STATEMENT_TIMEOUT_DEFAULT_MS = 2_500;
/** How much longer than that this side waits for Postgres's word, in ms; then the connection counts as dead. */
export const ANSWER_GRACE_MS = 500;
/** Longest wait for a row or advisory lock, in ms. */
export const LOCK_TIMEOUT_MS = 2_000;
/** Longest that a transaction may sit without a statement, in ms: a frozen instance must not hold locks for longer. */
export const IDLE_IN_TRANSACTION_TIMEOUT_MS = 5_000;
/** Longest that a whole transaction may take, in ms. */
export const TRANSACTION_TIMEOUT_MS = 3_000;
/** How long an idle connection is kept, in ms. */
export const IDLE_CONNECTION_TIMEOUT_MS = 30_000;
/** How long a stop waits for statements in flight, in ms. */
export const STOP_DEADLINE_MS = 3_000;
/** How long an app waits at its start for Postgres to answer, and how long between two attempts, in ms. */
export const START_DEADLINE_MS = 20_000;
export const START_RETRY_MS = 500;
