import { CONNECTION_TIMEOUT_MS, STATEMENT_TIMEOUT_DEFAULT_MS } from './limits.ts';
import { withClient } from './with-client.ts';

/** For tools that look at a database from outside; the apps use the index. */
export { databaseNameOf, messageOf } from './migrate/words.ts';
export { inspectMigrations } from './migrate/inspect-migrations.ts';
export type { HistoryVerdict } from './migrate/judge-history.ts';

/** A Postgres as it describes itself. */
export interface PostgresSight {
  readonly version: string;
  /** A replica takes no writes. */
  readonly isReadOnly: boolean;
  readonly connections: number;
  readonly maxConnections: number;
  /** Its clock, in Unix ms. */
  readonly nowMs: number;
}

/** Looks at the server and changes nothing; rejects with what Postgres or the network said. */
export async function inspectPostgres(databaseUrl: string): Promise<PostgresSight> {
  const options = {
    connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
    queryTimeoutMs: STATEMENT_TIMEOUT_DEFAULT_MS,
    applicationName: 'chat-inspection',
  };
  return withClient(databaseUrl, options, async (client) => {
    const { rows } = await client.query<PostgresSight>(`
      SELECT current_setting('server_version') AS version,
             current_setting('transaction_read_only') = 'on' AS "isReadOnly",
             (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
             current_setting('max_connections')::int AS "maxConnections",
             floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"`);
    const [row] = rows;
    if (row === undefined) throw new Error('Postgres answered nothing');
    return row;
  });
}
