import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresSnapshot } from '@chat/local-stack';
import pg from 'pg';
import type { FaultApp } from '../faults/chat/fault-app.ts';
import type { Fault, Scene } from '../faults/runs/scene.ts';
import { until } from '../faults/runs/until.ts';

const OPERATIONS = join(import.meta.dirname, '../../../../docs/operations.md');
const READY_WAIT_MS = 60_000;

/** A backup under load; later Postgres is lost and comes back as it was then, while the log has gone on. */
export function restoreSteps(say: (line: string) => void): readonly Fault[] {
  let backup: PostgresSnapshot | null = null;
  return [
    {
      id: 'B1',
      name: 'a backup of Postgres is taken',
      class: 'restore',
      run: (scene) =>
        scene.during({ target: 'postgres' }, async () => {
          backup = await scene.chat.parts.snapshotPostgres();
        }),
    },
    { id: 'B2', name: 'everything goes on', class: 'restore', run: () => Promise.resolve() },
    {
      id: 'B3',
      name: 'Postgres is lost, and restored from the backup',
      class: 'restore',
      run: (scene) =>
        scene.during({ target: 'postgres' }, async () => {
          if (backup === null) throw new Error('there is no backup');
          say(await restore(scene, backup));
        }),
    },
  ];
}

/** In the order of docs/operations.md. */
async function restore({ chat }: Scene, backup: PostgresSnapshot): Promise<string> {
  const { databaseUrl } = chat.parts.direct;
  for (const app of chat.apps) app.unsupervise();
  await Promise.all(chat.apps.map((app) => app.terminate()));
  const before = await countRows(databaseUrl);
  await backup.restore();
  const restored = await countRows(databaseUrl);
  if (restored >= before) throw new Error(`the backup has ${restored} rows, not fewer than ${before}`);
  await withClient(databaseUrl, (client) => client.query(afterRestore()));
  for (const app of chat.apps) app.supervise();
  await Promise.all(chat.apps.map(comesBack));
  return `the backup had ${restored} of ${before} messages; the others are read from the log again`;
}

/** What the document says to run on a restored database. */
function afterRestore(): string {
  const sql = /```sql after-restore\n(.*?)```/s.exec(readFileSync(OPERATIONS, 'utf8'))?.[1];
  if (sql === undefined) throw new Error('docs/operations.md does not say what to run after a restore');
  return sql;
}

async function countRows(databaseUrl: string): Promise<number> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ count: string }>('SELECT count(*) FROM messages'),
  );
  return Number(rows[0]?.count);
}

async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function comesBack(app: FaultApp): Promise<void> {
  if ((await until(() => app.isReady(), READY_WAIT_MS)) === null) throw new Error(`${app.name} is not ready`);
}
