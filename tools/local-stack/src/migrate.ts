import { join } from 'node:path';
import type { Run } from './processes/run.ts';

const MIGRATE_DEADLINE_MS = 60_000;

/** Brings the schema of a database up to this code's. Throws a TaskError with the reason when that is refused. */
export async function migrate(run: Run, rootDir: string, databaseUrl: string): Promise<void> {
  await run.exec({
    name: 'migration',
    command: process.execPath,
    args: ['--conditions=@chat/source', join(rootDir, 'libs/database/src/migrate/main.ts')],
    env: { DATABASE_URL: databaseUrl },
    cwd: rootDir,
    deadlineMs: MIGRATE_DEADLINE_MS,
  });
}
