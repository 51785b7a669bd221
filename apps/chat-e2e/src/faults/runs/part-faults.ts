import type { RestartablePart } from '@chat/local-stack';
import { last, type Fault, type Scene } from './scene.ts';

type Choice = (scene: Scene) => RestartablePart | Promise<RestartablePart>;

const aBroker: Choice = ({ chat, random }) => random.pick(chat.parts.brokers);
const aLeader: Choice = async ({ chat, log, random, rooms }) =>
  chat.parts.broker(await log.leaderOf(random.pick(rooms)));
const redis: Choice = ({ chat }) => chat.parts.redis;
const postgres: Choice = ({ chat }) => chat.parts.postgres;

const killing = (choose: Choice) => async (scene: Scene) => {
  const part = await choose(scene);
  await scene.during({ target: part.name }, async () => {
    await part.kill();
    await last();
    await part.start();
  });
};

const freezing = (choose: Choice, ms: number) => async (scene: Scene) => {
  const part = await choose(scene);
  await scene.during({ target: part.name }, async () => {
    part.signal('SIGSTOP');
    await last(ms);
    part.signal('SIGCONT');
  });
};

const restarting = (choose: Choice, signal: NodeJS.Signals) => async (scene: Scene) => {
  const part = await choose(scene);
  await scene.during({ target: part.name }, () => part.restart(signal));
};

const fillingDisk = async (scene: Scene) => {
  const { disk } = scene.chat.parts;
  if (!disk.isAvailable) return disk.reason;
  await scene.during({ target: 'postgres' }, async () => {
    await disk.fill();
    await last();
    await disk.mend();
  });
  return undefined;
};

/** Faults of what the apps stand on. */
export const PART_FAULTS: readonly Fault[] = [
  { id: 'F20', name: 'kill -9 of a broker', class: 'broker', run: killing(aBroker) },
  { id: 'F21', name: 'kill -9 of the leader of a busy partition', class: 'broker', run: killing(aLeader) },
  { id: 'F22', name: 'a broker frozen for 5 s', class: 'broker', run: freezing(aLeader, 5_000) },
  { id: 'F23', name: 'a broker frozen for 20 s', class: 'broker', run: freezing(aLeader, 20_000) },
  { id: 'F24', name: 'leaders move (SIGTERM of a broker)', class: 'broker', run: restarting(aLeader, 'SIGTERM') },
  { id: 'F25', name: 'Redis killed, and back empty', class: 'Redis', run: killing(redis) },
  { id: 'F26', name: 'Redis frozen for 20 s', class: 'Redis', run: freezing(redis, 20_000) },
  {
    id: 'F27',
    name: 'Postgres restarted with -m immediate',
    class: 'Postgres',
    run: restarting(postgres, 'SIGQUIT'),
  },
  { id: 'F28', name: 'Postgres frozen for 20 s', class: 'Postgres', run: freezing(postgres, 20_000) },
  { id: 'F29', name: 'the disk of Postgres is full', class: 'disk full', run: fillingDisk },
];
