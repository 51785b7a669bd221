import type { MigrationList } from '@prisma/schema-engine-wasm';
import { pause } from '@chat/service-kit';
import type { Client } from 'pg';

/** An index that a migration makes CONCURRENTLY, and nothing else with it. */
export interface ConcurrentIndex {
  readonly migration: string;
  readonly index: string;
}

const CREATE = /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY "(\w+)"[^;]*;?$/s;

/**
 * The migrations that can be made again where they were broken off, as by a process that was killed: they leave an invalid
 * index that nobody reads. Of any other it cannot be told whether it was committed.
 */
export function concurrentIndexes({ migrationDirectories }: MigrationList): readonly ConcurrentIndex[] {
  return migrationDirectories.flatMap(({ path, migrationFile: { content } }) => {
    const sql = content.tag === 'ok' ? content.value.replaceAll(/--.*$/gm, '').trim() : '';
    const index = CREATE.exec(sql)?.[1];
    return index === undefined ? [] : [{ migration: path, index }];
  });
}

/** Longest wait for who still makes the index of a process that is gone, in ms. */
const END_DEADLINE_MS = 30_000;
const LOOK_EVERY_MS = 100;

/**
 * Takes away what is left of these migrations, so that they are made from the start. Only under the lock of the migrate command:
 * whoever still makes such an index then does it for a process that is gone, of which Postgres has not heard yet.
 */
export async function removeBroken(client: Client, broken: readonly ConcurrentIndex[]): Promise<void> {
  for (const { migration, index } of broken) {
    await endMakers(client, index);
    await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${client.escapeIdentifier(index)}`);
    await client.query('DELETE FROM _prisma_migrations WHERE migration_name = $1 AND finished_at IS NULL', [migration]);
  }
}

async function endMakers(client: Client, index: string): Promise<void> {
  const endAt = performance.now() + END_DEADLINE_MS;
  while (performance.now() < endAt) {
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE pid <> pg_backend_pid() AND datname = current_database() AND state = 'active'
         AND query ~* 'CREATE (UNIQUE )?INDEX CONCURRENTLY' AND position('"' || $1 || '"' IN query) > 0`,
      [index],
    );
    if (rowCount === 0) return;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`somebody still makes the index ${index} and does not end`);
}
