import type { MigrationList, SchemaFilter } from '@prisma/schema-engine-wasm';
import type { Client } from 'pg';
import { grantToAppRoles } from '../access.ts';
import { concurrentIndexes, removeBroken } from './broken-index.ts';
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
  /** Names of those that newer code has applied. */
  readonly further: readonly string[];
}

export const ALL_TABLES: SchemaFilter = { externalTables: [], externalEnums: [] };

/**
 * Brings the database of the URL to this code's schema and creates it where it does not exist. Again: no change, nor where newer
 * code has migrated it further. Several at once wait for each other. An index that was broken off is made again. The roles of the
 * apps get what they need, where they exist. Rejects with a MigrationRefusedError where the database is newer than the code and
 * lacks something of it, a migration failed earlier, or an applied file was edited.
 */
export async function migrateDatabase(databaseUrl: string, migrations?: MigrationList): Promise<MigrationOutcome> {
  const migrationsList = migrations ?? (await readMigrations());
  const isNewDatabase = await ensureDatabase(databaseUrl);
  const isWhole = migrations === undefined; // the grants name the tables of the newest schema
  return withMigrationLock(databaseUrl, async (client) => {
    const { applied, further } = await applyMissing(databaseUrl, migrationsList, client);
    const mayGrant = isWhole && further.length === 0; // newer code has granted what newer tables need
    return { isNewDatabase, applied, further, hasRoles: mayGrant && (await grantToAppRoles(databaseUrl)) };
  });
}

async function applyMissing(databaseUrl: string, migrationsList: MigrationList, client: Client) {
  const { engine, explain } = await openSchemaEngine(databaseUrl, await readSchema());
  const known = migrationsList.migrationDirectories.map(({ path }) => path);
  const indexes = concurrentIndexes(migrationsList);
  const rebuildable = indexes.map(({ migration }) => migration);
  try {
    const diagnosis = await engine.diagnoseMigrationHistory({
      ...{ migrationsList, optInToShadowDatabase: false, filters: ALL_TABLES },
    });
    const verdict = judgeHistory(diagnosis, known, rebuildable);
    if (verdict.kind === 'REFUSED') throw new MigrationRefusedError(verdict.reason);
    if (verdict.kind === 'NEWER') return { applied: [], further: verdict.further };
    if (verdict.kind === 'UP_TO_DATE') return { applied: [], further: [] };
    await removeBroken(
      client,
      indexes.filter(({ migration }) => diagnosis.failedMigrationNames.includes(migration)),
    );
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: ALL_TABLES });
    return { applied: appliedMigrationNames, further: [] };
  } catch (error) {
    throw error instanceof MigrationRefusedError ? error : explain(error);
  }
}
