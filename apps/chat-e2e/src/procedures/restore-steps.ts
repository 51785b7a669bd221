import type { PostgresSnapshot } from '@chat/local-stack';
import type { FaultApp } from '../faults/chat/fault-app.ts';
import type { Fault, Scene } from '../faults/runs/scene.ts';
import { until } from '../faults/runs/until.ts';
import { documentedGroups, documentedStatements } from './documented-restore.ts';
import { expectEachNeeded, lastNumbers, queryAll, takenTwice, withQuery } from './restored-numbers.ts';
import { RestoreStory } from './restore-story.ts';

const READY_WAIT_MS = 60_000;
const CAUGHT_UP_WAIT_MS = 120_000;

/** A backup under load; later Postgres is lost and comes back as it was then, while the log has gone on. */
export function restoreSteps(say: (line: string) => void): readonly Fault[] {
  let backup: PostgresSnapshot | null = null;
  let story: RestoreStory | null = null;
  return [
    {
      id: 'B1',
      name: 'a backup of Postgres is taken',
      class: 'restore',
      run: async (scene) => {
        story = await RestoreStory.begin(scene);
        await scene.during({ target: 'postgres' }, async () => {
          backup = await scene.chat.parts.snapshotPostgres();
        });
      },
    },
    {
      id: 'B2',
      name: 'everything goes on: rooms-api is replaced, rooms are made, members removed, a user shut out',
      class: 'restore',
      run: async ({ chat, during }) => {
        await during({ target: 'rooms-api' }, async () => {
          await chat.app('rooms-api').terminate();
          await comesBack(chat.app('rooms-api'));
        });
        await story?.goOn(); // under an instance number that the backup does not know
      },
    },
    {
      id: 'B3',
      name: 'Postgres is lost, and restored from the backup',
      class: 'restore',
      run: async (scene) => {
        if (backup === null || story === null) throw new Error('there is no backup');
        const around = { backup, story };
        say(
          await scene.during({ target: 'postgres' }, () =>
            restore(scene, around).finally(() => startAll(scene.chat.apps)),
          ),
        );
        await around.story.expectKept();
        say('no number came twice; who was removed or shut out stayed out');
      },
    },
  ];
}

interface Around {
  readonly backup: PostgresSnapshot;
  readonly story: RestoreStory;
}

/** In the order of docs/operations.md. */
async function restore({ chat, log, rows }: Scene, { backup, story }: Around): Promise<string> {
  const { databaseUrl } = chat.parts.direct;
  const others = [...chat.gateways, chat.app('presence-worker'), chat.app('rooms-api')];
  for (const app of [...others, ...chat.persisters]) {
    app.unsupervise();
    await app.terminate();
  }
  const [before, numbers] = [await countRows(databaseUrl), await lastNumbers(databaseUrl)];
  await backup.restore();
  const restored = await countRows(databaseUrl);
  if (restored >= before) throw new Error(`the backup has ${restored} rows, not fewer than ${before}`);

  const statements = documentedStatements('after-restore');
  await expectEachNeeded(databaseUrl, statements, (query) => takenTwice(query, numbers));
  await queryAll(databaseUrl, statements);

  const isRevoked = () => withQuery(databaseUrl, (query) => story.isRevoked(query));
  if (await isRevoked()) throw new Error('the backup knows already who was shut out after it');
  await log.forgetGroups(documentedGroups());

  await startAll(chat.persisters);
  const marks = await log.mark();
  const isCaughtUp = async () =>
    (await rows.isCaughtUp(marks)) && (await log.lagOf('message-persister-commands', 'command-messages')) === 0;
  if ((await until(isCaughtUp, CAUGHT_UP_WAIT_MS)) === null) throw new Error('the persisters have not caught up');

  if (!(await isRevoked())) throw new Error('who was shut out after the backup is not known again');
  const caughtUp = documentedStatements('after-catch-up');
  await expectEachNeeded(databaseUrl, caughtUp, (query) => story.stillIn(query));
  await queryAll(databaseUrl, caughtUp);
  await startAll(others);
  return `the backup had ${restored} of ${before} messages; the others are read from the log again`;
}

async function countRows(databaseUrl: string): Promise<number> {
  const [row] = await queryAll(databaseUrl, ['SELECT count(*)::int AS count FROM messages']);
  return Number(row?.['count']);
}

async function startAll(apps: readonly FaultApp[]): Promise<void> {
  for (const app of apps) app.supervise();
  await Promise.all(apps.map(comesBack));
}

async function comesBack(app: FaultApp): Promise<void> {
  if ((await until(() => app.isReady(), READY_WAIT_MS)) === null) throw new Error(`${app.name} is not ready`);
}
