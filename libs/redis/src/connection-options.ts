import type { RedisOptions } from 'ioredis';
import { connectionSecurity, type RedisSecurity } from './connection-security.ts';

/** Longest wait for the answer to one command, in ms. */
export const REDIS_COMMAND_TIMEOUT_MS = 2_000;
/**
 * How long the connection may answer nothing, in ms; then it is made anew. A command that is late is given up alone, and one
 * connection that died without a word would be asked for ever.
 */
const SILENCE_MAX_MS = 5_000;
/** Longest wait for a TCP connection, in ms. */
const CONNECT_TIMEOUT_MS = 2_000;
/** Pause before connecting again, in ms: grows by the first number with each attempt, up to the second. */
const RECONNECT_STEP_MS = 100;
const RECONNECT_MAX_MS = 1_000;

export interface ConnectionNeeds {
  readonly security: RedisSecurity;
  /** In `CLIENT LIST`; without spaces. */
  readonly name: string;
  readonly commandTimeoutMs: number | undefined;
  readonly isStopping: () => boolean;
}

/**
 * How every connection here behaves: it is made again for ever, each command has a deadline, nothing queues up while there is
 * none, and nothing is sent twice (DESIGN §6).
 */
export function connectionOptions({ security, name, commandTimeoutMs, isStopping }: ConnectionNeeds) {
  return {
    ...connectionSecurity(security),
    lazyConnect: true,
    connectionName: name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: commandTimeoutMs ?? REDIS_COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_MAX_MS,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt: number) => (isStopping() ? null : Math.min(attempt * RECONNECT_STEP_MS, RECONNECT_MAX_MS)),
  } satisfies RedisOptions;
}
