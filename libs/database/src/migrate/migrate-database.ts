import type { MigrationList, SchemaFilter } from '@prisma/schema-engine-wasm';
import { grantToAppRoles } from '../access.ts';
import { ensureDatabase } from './ensure-database.ts';
import { judgeHistory } from './judge-history.ts';
import { readMigrations, readSchema } from './migration-files.ts';
import { withMigrationLock } from './migration-lock.ts';
import { openSchemaEngine } from './schema-engine.ts';

/** The database cannot be migrated by this code; the message is a sentence for the operator. */
export class MigrationRefusedError extends Error {
  override readonly name = 'MigrationRefusedError';
}

export interface MigrationOutcome {
  /** Whether the database itself had to be created. */
  readonly isNewDatabase: boolean;
  /** Whether the roles of the apps exist and have what they need. */
  readonly hasRoles: boolean;
  /** Names of the migrations that were applied, in order. */
  readonly applied: readonly string[];
}

export const ALL_TABLES: SchemaFilter = { externalTables: [], externalEnums: [] };

/**
 * Brings the database of the URL to this code's schema and creates it where it does not exist. Again: no change. Several at
 * once wait for each other. The roles of the apps get what they need, where they exist. Rejects with a MigrationRefusedError where the database is newer than the code, a migration
 * failed earlier, or an applied file was edited.
 */
export async function migrateDatabase(databaseUrl: string, migrations?: MigrationList): Promise<MigrationOutcome> {
  const migrationsList = migrations ?? (await readMigrations());
  const isNewDatabase = await ensureDatabase(databaseUrl);
  const isWhole = migrations === undefined; // the grants name the tables of the newest schema
  return withMigrationLock(databaseUrl, async () => {
    const applied = await applyMissing(databaseUrl, migrationsList);
    return { isNewDatabase, applied, hasRoles: isWhole && (await grantToAppRoles(databaseUrl)) };
  });
}

async function applyMissing(databaseUrl: string, migrationsList: MigrationList): Promise<readonly string[]> {
  const { engine, explain } = await openSchemaEngine(databaseUrl, await readSchema());
  try {
    const verdict = judgeHistory(
      await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: ALL_TABLES }),
      migrationsList.migrationDirectories.map(({ path }) => path),
    );
    if (verdict.kind === 'REFUSED') throw new MigrationRefusedError(verdict.reason);
    if (verdict.kind === 'UP_TO_DATE') return [];
    return (await engine.applyMigrations({ migrationsList, filters: ALL_TABLES })).appliedMigrationNames;
  } catch (error) {
    throw error instanceof MigrationRefusedError ? error : explain(error);
  }
}
