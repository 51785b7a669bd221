import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databaseUnderTest, eventually, type DatabaseUnderTest } from '@chat/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REQUIRED_MIGRATION } from '../schema-version.ts';
import { ensureDatabase } from './ensure-database.ts';
import { ALL_TABLES, migrateDatabase, MigrationRefusedError } from './migrate-database.ts';
import { PRISMA_FOLDER, readMigrations, readSchema } from './migration-files.ts';
import { openSchemaEngine } from './schema-engine.ts';

let under: DatabaseUnderTest;
let folder: string;
const made: string[] = [];

beforeAll(async () => {
  under = await databaseUnderTest();
  folder = await mkdtemp(join(tmpdir(), 'chat-migrations-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  for (const name of made) await under.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  await under.cleanUp();
});

function newDatabaseUrl(): string {
  const name = `spec_migrate_${randomUUID().slice(0, 8)}`;
  made.push(name);
  const url = new URL(under.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** The migrations of this code and further ones. */
async function migrationsWith(further: Readonly<Record<string, string>>) {
  const base = await mkdtemp(join(folder, 'm-'));
  await cp(`${PRISMA_FOLDER}/migrations`, base, { recursive: true });
  for (const [name, sql] of Object.entries(further)) {
    await mkdir(join(base, name));
    await writeFile(join(base, name, 'migration.sql'), sql);
  }
  return readMigrations(base);
}

async function query(url: string, sql: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The command as an operator runs it. */
async function runCommand(env: Readonly<Record<string, string>>) {
  const script = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@chat/source', script], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

describe('the migrate command', () => {
  it('creates the database, migrates it, and a second time changes nothing', async () => {
    const url = newDatabaseUrl();
    const first = await runCommand({ DATABASE_URL: url });
    expect(first.code).toBe(0);
    expect(first.output).toMatch(
      /created database spec_migrate_.*applied 20261124000000_first.*applied 20261125.*is up to date/s,
    );
    const second = await runCommand({ DATABASE_URL: url });
    expect(second.code).toBe(0);
    expect(second.output).not.toContain('applied');
    expect(await query(url, 'SELECT count(*)::int AS count FROM instance_numbers')).toEqual([{ count: 512 }]);
  });

  it('leaves a database alone that newer code has migrated further, with a sentence and status 0', async () => {
    const url = newDatabaseUrl();
    await migrateDatabase(url, await migrationsWith({ '29990101000000_later': 'CREATE TABLE later (id int);' }));
    const { code, output } = await runCommand({ DATABASE_URL: url });
    expect(code).toBe(0);
    expect(output).toContain('is newer than this code, which takes it: it has 29990101000000_later');
  });

  it('applies a migration that the database lacks though it has a later one', async () => {
    const url = newDatabaseUrl();
    await migrateDatabase(url);
    await query(url, `DELETE FROM _prisma_migrations WHERE migration_name = '20261130050002_messages_system_idx'`);
    await query(url, 'DROP INDEX messages_system_idx');
    const { code, output } = await runCommand({ DATABASE_URL: url });
    expect([code, output.match(/applied \S+/g)]).toEqual([0, ['applied 20261130050002_messages_system_idx']]);
    expect(await query(url, `SELECT to_regclass('messages_system_idx')::text AS index`)).toEqual([
      { index: 'messages_system_idx' },
    ]);
  });

  it('says what is missing or unreachable, never the password', async () => {
    expect(await runCommand({})).toMatchObject({ code: 78, output: expect.stringContaining('DATABASE_URL must be') });
    const { code, output } = await runCommand({ DATABASE_URL: 'postgresql://u:hidden@127.0.0.1:1/chat' });
    expect([code, output.includes('hidden')]).toEqual([1, false]);
    expect(output).toContain('chat was not migrated: connect ECONNREFUSED');
  });

  it('run three times at once migrates once', async () => {
    const url = newDatabaseUrl();
    const runs = await Promise.all([1, 2, 3].map(() => runCommand({ DATABASE_URL: url })));
    expect(runs.map(({ code, output }) => [code, output])).toEqual(runs.map(({ output }) => [0, output]));
    expect(await query(url, 'SELECT count(*)::int AS count FROM _prisma_migrations')).toEqual([
      { count: (await readMigrations()).migrationDirectories.length },
    ]);
  });
});

describe('an index that is made beside the apps', () => {
  const INDEX = '"messages_system_idx"';
  const NAME = '20261130050002_messages_system_idx';

  /** Makes the index in another session, which is held up by a transaction that is older. */
  async function heldUp(url: string) {
    const [older, maker] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
    maker.on('error', () => undefined); // it is ended
    await Promise.all([older.connect(), maker.connect()]);
    await older.query(`BEGIN; INSERT INTO messages SELECT * FROM messages WHERE false`);
    const sql = await readFile(`${PRISMA_FOLDER}/migrations/${NAME}/migration.sql`, 'utf8');
    const made = maker.query(sql).catch((error: Error) => error);
    await eventually(async () => {
      const rows = await query(url, `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = '${INDEX}'::regclass`);
      expect(rows).toEqual([{ valid: false }]);
    });
    return { older, maker, made };
  }

  it('and whose process was killed meanwhile is made anew by the next one', async () => {
    const url = newDatabaseUrl();
    await migrateDatabase(url);
    await query(url, 'DROP INDEX messages_system_idx');
    await query(
      url,
      `UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0 WHERE migration_name = '${NAME}'`,
    );
    const { older, maker, made } = await heldUp(url);
    const next = runCommand({ DATABASE_URL: url });
    expect(String(await made)).toContain('terminating connection'); // Postgres still worked for who is gone
    await older.query('ROLLBACK');
    const { code, output } = await next;
    expect([code, output.match(/applied \S+/g)]).toEqual([0, [`applied ${NAME}`]]);
    expect(
      await query(url, `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = '${INDEX}'::regclass`),
    ).toEqual([{ valid: true }]);
    await Promise.all([older.end(), maker.end().catch(() => undefined)]);
  });
});

describe('a migration', () => {
  it('may hold functions and quoted semicolons', async () => {
    const url = newDatabaseUrl();
    const sql = `CREATE FUNCTION answer() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'a;b'; END; $$;
      CREATE TABLE noted AS SELECT ';' AS text;`;
    await migrateDatabase(url, await migrationsWith({ '29990101000000_function': sql }));
    expect(await query(url, 'SELECT answer(), text FROM noted')).toEqual([{ answer: 'a;b', text: ';' }]);
  });

  it('that fails leaves nothing behind, and is not tried again unseen', async () => {
    const url = newDatabaseUrl();
    const migrations = await migrationsWith({ '29990101000000_bad': 'CREATE TABLE half (id int); SELECT 1 / 0;' });
    await expect(migrateDatabase(url, migrations)).rejects.toThrow(/division by zero/);
    expect(await query(url, `SELECT to_regclass('half') AS half, to_regclass('chat_rooms')::text AS rooms`)).toEqual([
      { half: null, rooms: 'chat_rooms' },
    ]);
    await expect(migrateDatabase(url, migrations)).rejects.toThrow(MigrationRefusedError);
  });
});

describe('the schema', () => {
  /** What Prisma makes of the schema alone: the engine cannot read a live database through the adapter (type "char"). */
  async function databaseOfSchema(): Promise<string> {
    const url = newDatabaseUrl();
    await ensureDatabase(url);
    const schema = await readSchema();
    const { engine } = await openSchemaEngine(url, schema);
    const { stdout } = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: null,
      filters: ALL_TABLES,
    });
    await query(url, stdout ?? '');
    return url;
  }

  it('says the same as the migrations do: every column, and every index and key that Prisma knows', async () => {
    const columns = `SELECT table_name, column_name, data_type, datetime_precision, is_nullable, column_default
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' ORDER BY 1, 2`;
    const keys = `SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE schemaname = 'public'
      UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1`;
    const bySchema = await databaseOfSchema();
    const migrated = await query(under.url, columns);
    expect(migrated).toEqual(await query(bySchema, columns));
    expect(migrated.length).toBeGreaterThan(60);
    const expectedKeys = await query(bySchema, keys);
    expect(expectedKeys.length).toBeGreaterThan(15);
    expect(await query(under.url, keys)).toEqual(expect.arrayContaining(expectedKeys));
  });

  it('an app needs the newest migration there is', async () => {
    const { migrationDirectories } = await readMigrations();
    expect(migrationDirectories.at(-1)?.path).toBe(REQUIRED_MIGRATION);
  });
});
