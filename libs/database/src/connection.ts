import { PrismaPg } from '@prisma/adapter-pg';
import type { Logger } from '@chat/service-kit';
import { Pool } from 'pg';
import { toDatabaseError } from './database-error.ts';
import { PrismaClient, type Prisma } from './generated/client.ts';
import {
  ANSWER_GRACE_MS,
  CONNECTION_TIMEOUT_MS,
  IDLE_CONNECTION_TIMEOUT_MS,
  IDLE_IN_TRANSACTION_TIMEOUT_MS,
  LOCK_TIMEOUT_MS,
} from './limits.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** Connections at most. */
  readonly poolMax: number;
  /** Longest that one statement may run, in ms. */
  readonly statementTimeoutMs: number;
  /** Name of this process in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly logger: Logger;
}

/** What repositories speak SQL through: the client itself, or the client of one transaction. */
export type Sql = Prisma.TransactionClient;

/** Prisma and the pool it uses; for the files of this library. */
export interface Connection {
  readonly pool: Pool;
  readonly prisma: PrismaClient;
}

/** Connects lazily. Every wait has an end; pg and Prisma would by default wait for ever for a connection or an answer. */
export function createConnection(options: ConnectionOptions): Connection {
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolMax,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + ANSWER_GRACE_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    application_name: options.applicationName,
  });
  pool.on('error', (error) => options.logger.warn({ err: error }, 'an idle database connection broke'));
  const adapter = new PrismaPg(pool, {
    onConnectionError: (error) => options.logger.warn({ err: error }, 'a database connection broke'),
  });
  return { pool, prisma: withTranslatedErrors(new PrismaClient({ adapter, errorFormat: 'minimal' })) };
}

function withTranslatedErrors(prisma: PrismaClient): PrismaClient {
  const extended = prisma.$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          return await query(args);
        } catch (error) {
          throw toDatabaseError(error);
        }
      },
    },
  });
  return extended as unknown as PrismaClient; // an extension of queries adds no models, methods or fields
}
