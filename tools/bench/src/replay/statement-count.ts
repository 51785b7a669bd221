import { setTimeout as pause } from 'node:timers/promises';
import type { DatabaseUnderTest } from '@chat/testing';

/** After how long without work a connection has told Postgres of all it did, in ms: Postgres's own interval is 10 s. */
const TOLD_AFTER_MS = 11_000;

/** Transactions of this database so far, which for statements in autocommit is their number; its own query is left out. */
export async function countStatements(database: DatabaseUnderTest): Promise<number> {
  await pause(TOLD_AFTER_MS);
  const [row] = await database.query<{ count: string }>(
    'SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(row?.count) - 1;
}
