import { existsSync } from 'node:fs';
import { rename, rm, writeFile, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { standardPort, startProgram, type Part, type PartContext, type PartProgram } from './part.ts';
import { preparePostgresHome, type PostgresHome } from './postgres-home.ts';

const STANDARD_PORT = 5432;
const INIT_DEADLINE_MS = 60_000;
const READY_DEADLINE_MS = 45_000;
const CONNECT_DEADLINE_MS = 2_000;
const STOP_GRACE_MS = 15_000;
const USER = 'postgres';
/** The server listens on 127.0.0.1 alone. */
const PASSWORD = 'postgres';
/** Name of the database the apps use. */
export const DATABASE = 'chat';

/** The machine will not fail under data that can be made again; what a dead process has written the system still writes. */
export const WITHOUT_FSYNC = ['fsync=off', 'full_page_writes=off'];
/** Nothing is kept that could not be made again, not even over a crash of the server. */
const THROWAWAY = [...WITHOUT_FSYNC, 'synchronous_commit=off'];

/** A server that can be started, and what is known of it. */
export interface PreparedPostgres {
  readonly program: PartProgram;
  readonly home: PostgresHome;
  /** Of the database that is always there. */
  readonly serverUrl: string;
}

/** Starts Postgres from the binaries of the npm package, with an empty database for the apps where there is none. */
export async function startPostgres(context: PartContext, isRoot: boolean): Promise<Part> {
  const { program, serverUrl } = await preparePostgres(context, isRoot, context.isDurable ? [] : THROWAWAY);
  const child = await startProgram(context, program);
  const url = await createDatabaseBeside(serverUrl, DATABASE);
  return { name: 'postgres', url, pid: child.pid, source: 'process' };
}

/** Initialises the data folder where there is none. `settings` are those of the server besides its address. */
export async function preparePostgres(
  context: PartContext,
  isRoot: boolean,
  settings: readonly string[] | ((home: PostgresHome) => Promise<readonly string[]>),
): Promise<PreparedPostgres> {
  const home = await preparePostgresHome(context, isRoot);
  const folder = join(home.parentDir, 'postgres');
  await initialiseOnce(context, home, folder);
  const port = await context.ports.take(standardPort(context, STANDARD_PORT));
  const serverUrl = `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`;
  const given = typeof settings === 'function' ? await settings(home) : settings;
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', ...given];
  const spec = {
    name: 'postgres',
    command: join(home.binDir, 'postgres'),
    args: ['-D', folder, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])],
    logFile: join(context.logDir, 'postgres.log'),
    ...inHome(home),
    // "Fast shutdown": SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT' as const,
    stopGraceMs: STOP_GRACE_MS,
  };
  const isReady = () => answersQuery(serverUrl);
  return { program: { spec, isReady, readyDeadlineMs: READY_DEADLINE_MS }, home, serverUrl };
}

/** Whether a Postgres server lets us in and answers. */
export async function answersQuery(url: string): Promise<boolean> {
  return withClient(url, async (client) => (await client.query('SELECT 1')).rowCount === 1).catch(() => false);
}

/** Drops the database of a URL, with everybody connected to it, and creates an empty one. */
export async function recreateDatabase(databaseUrl: string): Promise<void> {
  await dropDatabase(databaseUrl);
  await createDatabaseOnce(withDatabase(databaseUrl, 'postgres'), nameIn(databaseUrl));
}

/** Drops the database of a URL, with everybody connected to it. */
export async function dropDatabase(databaseUrl: string): Promise<void> {
  await withClient(withDatabase(databaseUrl, 'postgres'), async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(nameIn(databaseUrl))} WITH (FORCE)`);
  });
}

/** Creates an empty database on the same server, in its usual tablespace unless named; resolves to its URL. */
export async function createDatabaseBeside(databaseUrl: string, name: string, tablespace?: string): Promise<string> {
  await createDatabaseOnce(databaseUrl, name, tablespace);
  return withDatabase(databaseUrl, name);
}

/** Creates a tablespace in an empty folder that belongs to the server's user. */
export async function createTablespace(databaseUrl: string, name: string, folder: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const [quotedName, quotedFolder] = [client.escapeIdentifier(name), client.escapeLiteral(folder)];
    await client.query(`CREATE TABLESPACE ${quotedName} LOCATION ${quotedFolder}`);
  });
}

async function createDatabaseOnce(serverUrl: string, name: string, tablespace = 'pg_default'): Promise<void> {
  await withClient(serverUrl, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount !== 0) return;
    const [database, place] = [client.escapeIdentifier(name), client.escapeIdentifier(tablespace)];
    await client.query(`CREATE DATABASE ${database} TABLESPACE ${place}`);
  });
}

function nameIn(databaseUrl: string): string {
  return decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
}

function withDatabase(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    query_timeout: 30_000,
  });
  client.on('error', () => undefined); // the query under way reports it
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Makes a new data folder beside its place and renames it, so that a folder that exists is a whole one. */
async function initialiseOnce(context: PartContext, home: PostgresHome, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const fresh = `${folder}.new`;
  const passwordFile = `${fresh}.password`;
  await mkdir(home.parentDir, { recursive: true });
  await rm(fresh, { recursive: true, force: true });
  await writeFile(passwordFile, PASSWORD, { mode: 0o600 });
  if (home.runAs) await chown(passwordFile, home.runAs.uid, home.runAs.gid);
  try {
    await context.run.exec({
      name: 'initdb',
      command: join(home.binDir, 'initdb'),
      args: [
        `--pgdata=${fresh}`,
        `--username=${USER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(context.isDurable ? [] : ['--no-sync']),
      ],
      ...inHome(home),
      deadlineMs: INIT_DEADLINE_MS,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(fresh, folder);
}

function inHome({ parentDir, runAs }: PostgresHome) {
  return { cwd: parentDir, env: { LC_ALL: 'C' }, ...(runAs && { runAs }) };
}
