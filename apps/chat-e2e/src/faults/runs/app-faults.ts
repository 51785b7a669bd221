import { KAFKA_API, type KafkaFrame, type PostgresFrame, type SetTrap } from '@chat/testing';
import { newPerson } from '../../clients/person.ts';
import type { FaultApp } from '../chat/fault-app.ts';
import { openRoom } from '../chat/open-rooms.ts';
import { aGateway, aPersister, last, type Fault, type Scene } from './scene.ts';
import { until } from './until.ts';

/** Longest wait for an app to be ready again, or for a frame to come into a trap, in ms. */
const READY_WAIT_MS = 60_000;
const TRAP_WAIT_MS = 30_000;
const BETWEEN_MS = 1_000;

type Choice = (scene: Scene) => FaultApp;

const named =
  (name: string): Choice =>
  ({ chat }) =>
    chat.app(name);

const killing = (choose: Choice) => async (scene: Scene) => {
  const app = choose(scene);
  await scene.during({ target: app.name }, async () => {
    await app.kill();
    await comesBack(app);
  });
};

/** A gateway that is frozen cannot answer its clients; of the others nobody waits for an answer. */
const freezing = (choose: Choice, ms: number) => async (scene: Scene) => {
  const app = choose(scene);
  await scene.during({ target: app.name, freezes: [app.name] }, async () => {
    app.signal('SIGSTOP');
    await last(ms);
    app.signal('SIGCONT');
  });
};

interface KafkaPoint {
  readonly choose: Choice;
  readonly matches: (frame: KafkaFrame) => boolean;
  readonly at?: 'start' | 'half';
  /** Makes the frame come about. */
  readonly provoke?: (scene: Scene) => Promise<void>;
}

/** Kills the app at the moment when a frame between it and Kafka is about to pass, or half of it has. */
const killingAtKafka =
  ({ choose, matches, at = 'start', provoke }: KafkaPoint) =>
  async (scene: Scene) => {
    const app = choose(scene);
    await scene.during({ target: app.name }, async () => {
      const trap = { matches, at, act: () => app.kill() };
      const traps = scene.chat.parts.link(app.name).kafka.map((proxy) => proxy.trap(trap));
      await provoke?.(scene);
      await caught(traps);
      await comesBack(app);
    });
  };

const killingAtPostgres = (choose: Choice, matches: (frame: PostgresFrame) => boolean) => async (scene: Scene) => {
  const app = choose(scene);
  await scene.during({ target: app.name }, async () => {
    const { postgres } = scene.chat.parts.link(app.name);
    await caught([postgres.trap({ matches, at: 'half', act: () => app.kill() })]);
    await comesBack(app);
  });
};

async function caught(traps: readonly SetTrap<unknown>[]): Promise<void> {
  const wasCaught = await until(() => traps.some(({ count }) => count > 0), TRAP_WAIT_MS);
  for (const trap of traps) trap.remove();
  if (wasCaught === null) throw new Error('no frame came into the trap');
}

const isRequest = (api: number) => (frame: KafkaFrame) => frame.direction === 'request' && frame.apiKey === api;
const isReply = (api: number) => (frame: KafkaFrame) => frame.direction === 'reply' && frame.apiKey === api;

/** The partitions change hands when another persister goes. */
const persisterGoes = async ({ chat }: Scene): Promise<void> => {
  await chat.app('message-persister-2').kill();
};
/** Clients that go and come back are told to presence-worker, which tells everybody. */
const clientsReturn = ({ clients }: Scene): Promise<void> => {
  for (const client of clients) client.cut();
  return Promise.resolve();
};
/** Its event goes by way of the outbox. */
const roomIsMade = async ({ chat }: Scene): Promise<void> => {
  await openRoom(chat.restUrl, [newPerson('owner')]);
};
const rollingRestart = async (scene: Scene) => {
  for (const app of scene.chat.apps) {
    await scene.during({ target: app.name }, async () => {
      await app.terminate();
      await comesBack(app);
    });
  }
};

/** One, three, one: the partitions change hands each time. */
const scalePersisters = async (scene: Scene) => {
  const { persisters, thirdPersister } = scene.chat;
  const [, ...others] = persisters;
  const newcomers = [...others, thirdPersister];
  await scene.during({ target: 'message-persister' }, async () => {
    await retire(others);
    await last(BETWEEN_MS);
    for (const app of newcomers) app.supervise();
    await Promise.all(newcomers.map(comesBack));
    await retire(newcomers);
    await last(BETWEEN_MS);
    for (const app of others) app.supervise();
  });
};

async function retire(apps: readonly FaultApp[]): Promise<void> {
  for (const app of apps) app.unsupervise();
  await Promise.all(apps.map((app) => app.terminate()));
}

/** Waits until the supervisor has started it again and it is ready. */
async function comesBack(app: FaultApp): Promise<void> {
  if ((await until(() => app.isReady(), READY_WAIT_MS)) === null) throw new Error(`${app.name} is not ready again`);
}

/** Faults of the apps themselves. */
export const APP_FAULTS: readonly Fault[] = [
  { id: 'F1', name: 'kill -9 of a gateway', class: 'kill', run: killing(aGateway) },
  { id: 'F2', name: 'kill -9 of a persister', class: 'kill', run: killing(aPersister) },
  { id: 'F3', name: 'kill -9 of rooms-api', class: 'kill', run: killing(named('rooms-api')) },
  {
    id: 'F4',
    name: 'kill -9 of presence-worker',
    class: 'kill',
    run: killing(named('presence-worker')),
  },
  {
    id: 'F5',
    name: 'kill -9 of a gateway after Kafka’s acknowledgement, before the RECEIPT',
    class: 'kill at a point of a gateway',
    run: killingAtKafka({ choose: aGateway, matches: isReply(KAFKA_API.produce) }),
  },
  {
    id: 'F6',
    name: 'kill -9 of a gateway in the middle of a batch to Kafka',
    class: 'kill at a point of a gateway',
    run: killingAtKafka({ choose: aGateway, matches: isRequest(KAFKA_API.produce), at: 'half' }),
  },
  {
    id: 'F7',
    name: 'kill -9 of a persister after its commit in Postgres, before that in Kafka',
    class: 'kill at a point of a persister',
    run: killingAtKafka({ choose: aPersister, matches: isRequest(KAFKA_API.offsetCommit) }),
  },
  {
    id: 'F8',
    name: 'kill -9 of a persister in the middle of a batch to Postgres',
    class: 'kill at a point of a persister',
    run: killingAtPostgres(aPersister, ({ direction, type }) => direction === 'request' && type === 'B'),
  },
  {
    id: 'F9',
    name: 'kill -9 of a persister in the middle of a rebalance',
    class: 'kill at another point',
    run: killingAtKafka({
      choose: named('message-persister-1'),
      matches: isRequest(KAFKA_API.syncGroup),
      provoke: persisterGoes,
    }),
  },
  {
    id: 'F10',
    name: 'kill -9 of presence-worker after Kafka’s acknowledgement, before its outbox is emptied',
    class: 'kill at another point',
    run: killingAtKafka({
      choose: named('presence-worker'),
      matches: isReply(KAFKA_API.produce),
      provoke: clientsReturn,
    }),
  },
  { id: 'F11', name: 'SIGTERM of every app in turn', class: 'rolling restart', run: rollingRestart },
  { id: 'F12', name: 'a gateway frozen for 5 s', class: 'freeze', run: freezing(aGateway, 5_000) },
  { id: 'F13', name: 'a gateway frozen for 20 s', class: 'freeze', run: freezing(aGateway, 20_000) },
  { id: 'F14', name: 'a persister frozen for 5 s', class: 'freeze', run: freezing(aPersister, 5_000) },
  { id: 'F15', name: 'a persister frozen for 20 s', class: 'freeze', run: freezing(aPersister, 20_000) },
  { id: 'F16', name: 'persisters 1, 3, 1', class: 'scaling', run: scalePersisters },
  {
    id: 'F17',
    name: 'kill -9 of rooms-api after Kafka’s acknowledgement, before its outbox is emptied',
    class: 'kill at another point',
    run: killingAtKafka({
      choose: named('rooms-api'),
      matches: isReply(KAFKA_API.produce),
      provoke: roomIsMade,
    }),
  },
];
