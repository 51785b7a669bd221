import { pause } from '@chat/service-kit';
import type { Client } from 'pg';
import { withClient } from '../with-client.ts';
import { SCRIPT_TIMEOUT_MS } from './schema-engine.ts';

/** Longest wait for a connection, in ms. */
const CONNECTION_TIMEOUT_MS = 5_000;
/** Advisory lock of the migrate command, one number for a database; the engine's own is another. */
const MIGRATION_LOCK = 7_203_000;
/** Time between two looks whether the lock is free, in ms. */
const LOOK_EVERY_MS = 100;

/**
 * Runs the work, with the connection that holds the lock, while no other migrate command works on this database; waits for one
 * that does, as long as a migration may take. The engine's own lock does not cover its diagnosis, which takes a migration that is being applied for a failed one.
 */
export async function withMigrationLock<Value>(
  databaseUrl: string,
  work: (client: Client) => Promise<Value>,
): Promise<Value> {
  const options = {
    connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
    queryTimeoutMs: SCRIPT_TIMEOUT_MS,
    applicationName: 'chat-migrate',
  };
  return withClient(databaseUrl, options, async (client) => {
    await acquire(client); // the lock ends with the connection
    return work(client);
  });
}

/** Looks for it rather than waits in a statement: CREATE INDEX CONCURRENTLY would wait for that statement. */
async function acquire(client: Client): Promise<void> {
  const endAt = performance.now() + SCRIPT_TIMEOUT_MS;
  while (performance.now() < endAt) {
    const { rows } = await client.query<{ isFree: boolean }>('SELECT pg_try_advisory_lock($1) AS "isFree"', [
      MIGRATION_LOCK,
    ]);
    if (rows[0]?.isFree === true) return;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error('another migrate command has worked on this database for too long');
}
