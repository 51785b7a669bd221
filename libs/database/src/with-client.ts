import { Client } from 'pg';

export interface ClientOptions {
  readonly connectionTimeoutMs: number;
  readonly queryTimeoutMs: number;
  /** As Postgres shows it among its connections. */
  readonly applicationName?: string;
}

/** Does the work over one connection of its own, which ends with it; rejects with what Postgres or the network said. */
export async function withClient<Value>(
  databaseUrl: string,
  { connectionTimeoutMs, queryTimeoutMs, applicationName }: ClientOptions,
  work: (client: Client) => Promise<Value>,
): Promise<Value> {
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: connectionTimeoutMs,
    query_timeout: queryTimeoutMs,
    ...(applicationName !== undefined && { application_name: applicationName }),
  });
  client.on('error', () => {}); // a connection that breaks fails the query that uses it
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}
