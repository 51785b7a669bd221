import { appOf, scriptOf } from '../harness/app-instances.ts';
import type { FaultApp } from '../faults/chat/fault-app.ts';
import type { FaultChat } from '../faults/chat/fault-chat.ts';
import { last, type Fault, type Scene } from '../faults/runs/scene.ts';
import { until } from '../faults/runs/until.ts';

const READY_WAIT_MS = 60_000;
/** How long old and new run side by side after each replacement, in ms. */
const BESIDE_MS = 4_000;

/** In the order of docs/operations.md; on the way back the other way round. */
const orderOf = ({ persisters, app, gateways }: FaultChat): readonly FaultApp[] => [
  ...persisters,
  app('rooms-api'),
  app('presence-worker'),
  ...gateways,
];

export interface UpgradeOptions {
  /** The built files of the apps of before. */
  readonly previous: Readonly<Record<string, string>>;
  /** Brings the database up to the new build. */
  readonly migrate: (databaseUrl: string) => Promise<void>;
}

/** Every app replaced by its new build, one instance after another, and back again, while clients talk. */
export function upgradeSteps({ previous, migrate }: UpgradeOptions): readonly Fault[] {
  const previousOf = (name: string) => previous[appOf(name)] ?? '';
  return [
    {
      id: 'U1',
      name: 'the database is migrated under the old build',
      class: 'upgrade',
      run: (scene) => scene.during({ target: 'postgres' }, () => migrate(scene.chat.parts.direct.databaseUrl)),
    },
    { id: 'U2', name: 'old → new, one by one', class: 'upgrade', run: upgrading },
    {
      id: 'U3',
      name: 'new → old, one by one',
      class: 'upgrade',
      run: replacing((chat) => orderOf(chat).toReversed(), previousOf),
    },
    { id: 'U4', name: 'old → new once more', class: 'upgrade', run: upgrading },
  ];
}

const replacing =
  (inOrder: (chat: FaultChat) => readonly FaultApp[], scriptFor: (name: string) => string) => async (scene: Scene) => {
    for (const app of inOrder(scene.chat)) {
      await scene.during({ target: app.name }, async () => {
        app.runFrom(scriptFor(app.name));
        await app.terminate();
        const isReady = await until(() => app.isReady(), READY_WAIT_MS);
        if (isReady === null) throw new Error(`${app.name} is not ready after it was replaced`);
      });
      await last(BESIDE_MS);
    }
  };

/** Forward; nobody can be revoked until the last gateway is new, for the old ones would not heed it. */
async function upgrading(scene: Scene): Promise<void> {
  const { chat } = scene;
  const order = orderOf(chat);
  await replacing(() => order.slice(0, -1), scriptOf)(scene);
  if (await mayRevoke(chat)) throw new Error('somebody was revoked while a gateway was old');
  await replacing(() => order.slice(-1), scriptOf)(scene);
  if (!(await mayRevoke(chat))) throw new Error('nobody can be revoked, though every gateway is new');
}

/** Whether rooms-api revokes a user, whom nobody knows. */
async function mayRevoke(chat: FaultChat): Promise<boolean> {
  const answer = await fetch(`${chat.app('rooms-api').internalUrl}/internal/chat/revocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId: Number.MAX_SAFE_INTEGER }),
    signal: AbortSignal.timeout(READY_WAIT_MS),
  });
  const text = await answer.text();
  if (answer.status === 202) return true;
  if (answer.status === 503 && text.includes('heed no revocations')) return false;
  throw new Error(`the answer to a revocation was ${answer.status} ${text}`);
}
