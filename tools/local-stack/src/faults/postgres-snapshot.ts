import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '../processes/run.ts';
import type { RestartablePart } from './restartable-part.ts';

const COPY_DEADLINE_MS = 60_000;

/** The data of a Postgres server as they were at one instant. */
export interface PostgresSnapshot {
  /** Kills the server, puts the data back as they were, and starts it again on them. */
  restore(): Promise<void>;
}

export interface PostgresSnapshotOptions {
  readonly run: Run;
  readonly postgres: RestartablePart;
  /** The data folder and those of its tablespaces. */
  readonly folders: readonly string[];
  /** Gets the copies; on the file system of the data, and new. */
  readonly into: string;
}

/**
 * Copies the data while the server is frozen, as a snapshot of its disk would have them: restored, it recovers by its write-ahead log as
 * after a crash. (The npm package of Postgres has no pg_basebackup.)
 */
export async function takePostgresSnapshot(options: PostgresSnapshotOptions): Promise<PostgresSnapshot> {
  const { run, postgres, folders, into } = options;
  const copyAll = (from: string, to: string) =>
    run.exec({ name: 'cp', command: 'cp', args: ['-a', from, to], deadlineMs: COPY_DEADLINE_MS });
  await run.exec({ name: 'mkdir', command: 'mkdir', args: ['-p', into], deadlineMs: COPY_DEADLINE_MS });
  const copies = folders.map((folder, index) => ({ folder, copy: join(into, String(index)) }));
  postgres.signal('SIGSTOP');
  try {
    for (const { folder, copy } of copies) await copyAll(folder, copy);
  } finally {
    postgres.signal('SIGCONT');
  }
  return {
    async restore() {
      await postgres.kill();
      for (const { folder, copy } of copies) {
        for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
        await copyAll(`${copy}/.`, folder);
      }
      await postgres.start();
    },
  };
}
