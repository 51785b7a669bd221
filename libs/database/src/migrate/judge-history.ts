import type { DiagnoseMigrationHistoryOutput } from '@prisma/schema-engine-wasm';

export type HistoryVerdict =
  | { readonly kind: 'UP_TO_DATE' }
  | { readonly kind: 'BEHIND'; readonly missing: readonly string[] }
  | { readonly kind: 'NEWER'; readonly further: readonly string[] }
  | { readonly kind: 'REFUSED'; readonly reason: string };

/**
 * What to do about a database, from what the engine says of its migrations: nothing, apply what is missing, or refuse. One
 * with migrations that these files do not have was migrated by newer code (`applyMigrations` would not notice): where it has
 * all of ours as well it is left alone, as the apps take it. Those named `rebuildable` may be made again where they failed.
 */
export function judgeHistory(
  diagnosis: DiagnoseMigrationHistoryOutput,
  known: readonly string[],
  rebuildable: readonly string[] = [],
): HistoryVerdict {
  const { history, failedMigrationNames, editedMigrationNames, hasMigrationsTable } = diagnosis;
  const failed = failedMigrationNames.filter((name) => !rebuildable.includes(name));
  if (failed.length > 0) {
    return refused(
      `migration ${failed.join(', ')} failed before; mend the cause, then delete its row of _prisma_migrations (a file is applied whole or not at all)`,
    );
  }
  if (editedMigrationNames.length > 0) {
    return refused(`migration ${editedMigrationNames.join(', ')} was changed after it had been applied`);
  }
  if (failedMigrationNames.length > 0) return { kind: 'BEHIND', missing: failedMigrationNames };
  if (history === null) return hasMigrationsTable ? { kind: 'UP_TO_DATE' } : { kind: 'BEHIND', missing: known };
  if (history.diagnostic === 'databaseIsBehind') return { kind: 'BEHIND', missing: history.unappliedMigrationNames };
  const further = history.unpersistedMigrationNames;
  if (history.diagnostic === 'migrationsDirectoryIsBehind') return { kind: 'NEWER', further };
  return refused(
    `the database is newer than this code: it has ${further.join(', ')}, which this code does not know, and lacks ${history.unappliedMigrationNames.join(', ')}`,
  );
}

function refused(reason: string): HistoryVerdict {
  return { kind: 'REFUSED', reason };
}
