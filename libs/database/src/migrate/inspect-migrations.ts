import { concurrentIndexes } from './broken-index.ts';
import { judgeHistory, type HistoryVerdict } from './judge-history.ts';
import { ALL_TABLES } from './migrate-database.ts';
import { readMigrations, readSchema } from './migration-files.ts';
import { openSchemaEngine } from './schema-engine.ts';

/**
 * What the migrate command would do about a database that exists, without doing it. While that command is at work, its
 * migration may look like a failed or a missing one. Keeps a connection until the process ends, so this is for a short-lived process.
 */
export async function inspectMigrations(databaseUrl: string): Promise<HistoryVerdict> {
  const migrationsList = await readMigrations();
  const { engine, explain } = await openSchemaEngine(databaseUrl, await readSchema());
  try {
    return judgeHistory(
      await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: ALL_TABLES }),
      migrationsList.migrationDirectories.map(({ path }) => path),
      concurrentIndexes(migrationsList).map(({ migration }) => migration),
    );
  } catch (error) {
    throw explain(error);
  }
}
