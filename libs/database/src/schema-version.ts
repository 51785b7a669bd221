import type { Sql } from './connection.ts';

/** The newest migration that this code relies on. */
export const REQUIRED_MIGRATION = '20261130120001_instance_numbers_heeding_holder';

/** Throws a sentence where the database was not migrated as far as this code needs; a newer one is fine for an app. */
export async function checkSchemaVersion(sql: Sql): Promise<void> {
  const [table] = await sql.$queryRaw<readonly { isThere: boolean }[]>`
    SELECT to_regclass('_prisma_migrations') IS NOT NULL AS "isThere"`;
  if (table?.isThere === true && (await isApplied(sql))) return;
  throw new Error(`the database lacks migration ${REQUIRED_MIGRATION}: run the migrate command of libs/database first`);
}

async function isApplied(sql: Sql): Promise<boolean> {
  const rows = await sql.$queryRaw<readonly unknown[]>`
    SELECT 1 FROM _prisma_migrations WHERE migration_name = ${REQUIRED_MIGRATION} AND finished_at IS NOT NULL`;
  return rows.length > 0;
}
