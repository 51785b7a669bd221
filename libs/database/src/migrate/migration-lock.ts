import { Client } from 'pg';
import { SCRIPT_TIMEOUT_MS } from './schema-engine.ts';

/** Longest wait for a connection, in ms. */
const CONNECTION_TIMEOUT_MS = 5_000;
/** Advisory lock of the migrate command, one number for a database; the engine's own is another. */
const MIGRATION_LOCK = 7_203_000;

/**
 * Runs the work while no other migrate command works on this database; waits for one that does, as long as a migration may
 * take. The engine's own lock does not cover its diagnosis, which takes a migration that is being applied for a failed one.
 */
export async function withMigrationLock<Value>(databaseUrl: string, work: () => Promise<Value>): Promise<Value> {
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    query_timeout: SCRIPT_TIMEOUT_MS,
    lock_timeout: SCRIPT_TIMEOUT_MS,
    application_name: 'chat-migrate',
  });
  client.on('error', () => {}); // a connection that breaks fails the query that uses it
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work();
  } finally {
    await client.end(); // and with it the lock
  }
}
