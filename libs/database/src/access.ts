import { readFile } from 'node:fs/promises';
import { PRISMA_FOLDER } from './migrate/migration-files.ts';
import { withClient } from './with-client.ts';

/** The role that an app's login is to be in, by the name of the app; `prisma/grants.sql` says what each may do. */
export const DATABASE_ROLES = {
  'rooms-api': 'chat_rooms_api',
  'ws-gateway': 'chat_ws_gateway',
  'presence-worker': 'chat_presence_worker',
  'message-persister': 'chat_message_persister',
} as const;

/** Longest waits for a connection and for an answer, in ms. */
const LIMITS = { connectionTimeoutMs: 5_000, queryTimeoutMs: 30_000, applicationName: 'chat-migrate' };

/** Makes the roles on the server of this database, by a user who may do so. Again: no change. */
export async function createAppRoles(databaseUrl: string): Promise<void> {
  const script = await readFile(`${PRISMA_FOLDER}/roles.sql`, 'utf8');
  await withClient(databaseUrl, LIMITS, (client) => client.query(script));
}

/** Gives the roles what they need in this database, by the owner of its tables; false where the server has none of them. */
export async function grantToAppRoles(databaseUrl: string): Promise<boolean> {
  const script = await readFile(`${PRISMA_FOLDER}/grants.sql`, 'utf8');
  return withClient(databaseUrl, LIMITS, async (client) => {
    const roles = Object.values(DATABASE_ROLES);
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = ANY($1)', [roles]);
    if (rowCount !== roles.length) return false;
    await client.query(script);
    return true;
  });
}
