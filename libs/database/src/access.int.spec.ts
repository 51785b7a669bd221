import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppRoles, DATABASE_ROLES, grantToAppRoles } from './access.ts';

let under: DatabaseUnderTest;

beforeAll(async () => {
  under = await databaseUnderTest();
  for (let time = 0; time < 2; time += 1) {
    await createAppRoles(under.url);
    expect(await grantToAppRoles(under.url)).toBe(true);
  }
});
afterAll(() => under?.cleanUp());

interface Grant {
  readonly grantee: string;
  readonly table: string;
  readonly privilege: string;
}

/** All that is granted in the schema, of columns too, but to the owner. */
const grants = () =>
  under.query<Grant>(`
    SELECT DISTINCT grantee, table_name AS "table", privilege_type AS privilege FROM information_schema.column_privileges
    WHERE table_schema = 'public' AND grantee <> current_user
    UNION SELECT grantee, table_name, privilege_type FROM information_schema.table_privileges
    WHERE table_schema = 'public' AND grantee <> current_user`);

describe('the roles of the apps', () => {
  it('are known by every table of the schema: a new one is to stand in prisma/grants.sql', async () => {
    const tables = await under.query<{ table: string }>(
      `SELECT table_name AS "table" FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    const named = new Set((await grants()).map(({ table }) => table));
    expect(tables.map(({ table }) => table).filter((table) => !named.has(table))).toEqual([]);
  });

  it('may read and write rows and nothing else, and nobody else may do anything', async () => {
    const found = await grants();
    expect(new Set(found.map(({ grantee }) => grantee))).toEqual(new Set(Object.values(DATABASE_ROLES)));
    expect([...new Set(found.map(({ privilege }) => privilege))].sort()).toEqual([
      ...['DELETE', 'INSERT', 'SELECT', 'UPDATE'],
    ]);
  });

  it('neither log in nor rule over others', async () => {
    const roles = await under.query(
      `SELECT DISTINCT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = ANY($1)`,
      [Object.values(DATABASE_ROLES)],
    );
    expect(roles).toEqual([
      { rolcanlogin: false, rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false },
    ]);
  });

  it('may not put anything into the schema', async () => {
    const [answer] = await under.query<{ may: boolean }>(
      `SELECT bool_or(has_schema_privilege(role, 'public', 'CREATE')) AS may FROM unnest($1::text[]) AS role`,
      [Object.values(DATABASE_ROLES)],
    );
    expect(answer?.may).toBe(false);
  });
});
