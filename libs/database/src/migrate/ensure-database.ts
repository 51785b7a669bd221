import { withClient } from '../with-client.ts';

/** Longest wait for a connection or an answer, in ms; copying the template takes a while on a slow disk. */
const LIMITS = { connectionTimeoutMs: 5_000, queryTimeoutMs: 30_000 };
/** The database that every server has and that nobody keeps data in. */
const MAINTENANCE_DATABASE = 'postgres';

const NO_SUCH_DATABASE = '3D000';
const DUPLICATE_DATABASE = '42P04';
const DUPLICATE_KEY = '23505'; // two creators at once meet in the catalog's unique index

/** Creates the database of the URL where it does not exist; true when it did. */
export async function ensureDatabase(databaseUrl: string): Promise<boolean> {
  try {
    await withClient(databaseUrl, LIMITS, () => Promise.resolve());
    return false;
  } catch (error) {
    if (codeOf(error) !== NO_SUCH_DATABASE) throw error;
    return createDatabase(databaseUrl);
  }
}

async function createDatabase(databaseUrl: string): Promise<boolean> {
  const url = new URL(databaseUrl);
  const name = decodeURIComponent(url.pathname.slice(1));
  url.pathname = `/${MAINTENANCE_DATABASE}`;
  return withClient(url.href, LIMITS, async (client) => {
    try {
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
      return true;
    } catch (error) {
      if (codeOf(error) === DUPLICATE_DATABASE || codeOf(error) === DUPLICATE_KEY) return false;
      throw error;
    }
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
