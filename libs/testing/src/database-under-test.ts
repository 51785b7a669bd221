import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Pool, type QueryResultRow } from 'pg';

/** Longest wait for the template to be free of connections, in ms, and the time between two attempts. */
const CLONE_DEADLINE_MS = 15_000;
const CLONE_RETRY_MS = 100;
/** Postgres: the template is being looked at by somebody else. */
const OBJECT_IN_USE = '55006';

/** A database of its own for one spec file, with every migration applied, and the way to clean up. */
export interface DatabaseUnderTest {
  /** What an app would get as DATABASE_URL. */
  readonly url: string;
  /** Plain SQL, to prepare and to look at rows without the code under test. */
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Closes and drops it, whoever is still connected. */
  cleanUp(): Promise<void>;
}

/**
 * Clones the migrated database that DATABASE_URL names, which itself nobody writes to. Fails with a sentence where
 * DATABASE_URL is missing; never skips.
 */
export async function databaseUnderTest(templateUrl = process.env['DATABASE_URL']): Promise<DatabaseUnderTest> {
  if (templateUrl === undefined || templateUrl === '') {
    throw new Error(
      'DATABASE_URL is not set: these specs need a real, migrated Postgres (`npm run parts` starts one).',
    );
  }
  const name = `spec_${randomUUID().slice(0, 8)}`;
  await cloneTemplate(templateUrl, name);
  const url = withDatabase(templateUrl, name);
  const pool = new Pool({ connectionString: url, max: 2, application_name: 'spec' });
  pool.on('error', () => {}); // specs cut connections on purpose
  return {
    url,
    query: async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
    cleanUp: async () => {
      await pool.end();
      await asAdministrator(templateUrl, (client) => client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`));
    },
  };
}

async function cloneTemplate(templateUrl: string, name: string): Promise<void> {
  const template = decodeURIComponent(new URL(templateUrl).pathname.slice(1));
  const endAt = performance.now() + CLONE_DEADLINE_MS;
  await asAdministrator(templateUrl, async (client) => {
    for (;;) {
      try {
        return await client.query(`CREATE DATABASE "${name}" TEMPLATE ${client.escapeIdentifier(template)}`);
      } catch (error) {
        const isInUse = error instanceof Error && 'code' in error && error.code === OBJECT_IN_USE;
        if (!isInUse || performance.now() > endAt) throw error;
        await sleep(CLONE_RETRY_MS);
      }
    }
  });
}

async function asAdministrator(anyUrl: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: withDatabase(anyUrl, 'postgres') });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
