import type { DiagnoseMigrationHistoryOutput } from '@prisma/schema-engine-wasm';

export type HistoryVerdict =
  | { readonly kind: 'UP_TO_DATE' }
  | { readonly kind: 'BEHIND'; readonly missing: readonly string[] }
  | { readonly kind: 'REFUSED'; readonly reason: string };

/**
 * What to do about a database, from what the engine says of its migrations: nothing, apply what is missing, or refuse. A
 * database with migrations that these files do not have was migrated by newer code; `applyMigrations` would not notice.
 */
export function judgeHistory(diagnosis: DiagnoseMigrationHistoryOutput, known: readonly string[]): HistoryVerdict {
  const { history, failedMigrationNames, editedMigrationNames, hasMigrationsTable } = diagnosis;
  if (failedMigrationNames.length > 0) {
    return refused(
      `migration ${failedMigrationNames.join(', ')} failed before; mend the cause, then delete its row of _prisma_migrations (a file is applied whole or not at all; of an index made CONCURRENTLY drop the invalid one as well)`,
    );
  }
  if (editedMigrationNames.length > 0) {
    return refused(`migration ${editedMigrationNames.join(', ')} was changed after it had been applied`);
  }
  if (history === null) return hasMigrationsTable ? { kind: 'UP_TO_DATE' } : { kind: 'BEHIND', missing: known };
  if (history.diagnostic === 'databaseIsBehind') return { kind: 'BEHIND', missing: history.unappliedMigrationNames };
  return refused(
    `the database is newer than this code: it has ${history.unpersistedMigrationNames.join(', ')}, which this code does not know`,
  );
}

function refused(reason: string): HistoryVerdict {
  return { kind: 'REFUSED', reason };
}
