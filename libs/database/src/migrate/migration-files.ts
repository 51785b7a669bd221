import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { MigrationList, SchemasContainer } from '@prisma/schema-engine-wasm';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The folder of the Prisma schema, as a path: as this library has it, and as a program has it that is built with it inside. */
export const PRISMA_FOLDER =
  [fromHere('../../prisma'), fromHere('../../../libs/database/prisma')].find((folder) => existsSync(folder)) ?? '';

/** The migrations of a folder of Prisma's layout, read whole, in the order of their names. */
export async function readMigrations(baseDir = `${PRISMA_FOLDER}/migrations`): Promise<MigrationList> {
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: await readFile(`${baseDir}/migration_lock.toml`, 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(`${baseDir}/${path}/migration.sql`, 'utf8') },
        },
      })),
    ),
  };
}

/** The Prisma schema as the engine takes it. */
export async function readSchema(): Promise<SchemasContainer> {
  const path = `${PRISMA_FOLDER}/schema.prisma`;
  return { files: [{ path, content: await readFile(path, 'utf8') }] };
}
