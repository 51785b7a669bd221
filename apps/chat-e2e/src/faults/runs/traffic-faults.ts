import { KAFKA_API } from '@chat/testing';
import { sumAt } from '../../harness/app-metrics.ts';
import type { FaultClient } from '../workload/fault-client.ts';
import { aGateway, last, type Fault, type Scene } from './scene.ts';

const PERSISTERS = 'message-persister';
const REWOUND_RECORDS = 1_000;
const SILENT_CLIENTS = 20;
/** How long the others talk to them at most, how often, and after how many times the gateways are asked, in ms. */
const FLOOD_MS = 40_000;
const FLOOD_EVERY_MS = 100;
/** Each time, however few they are: some 1.8 MB a second. */
const FLOOD_MESSAGES = 5;
const LOOK_EVERY = 10;
/** From when a gateway reads nothing new to when clients come to it that have seen more, and to when it reads on, in ms. */
const BEHIND_MS = 1_500;
/** Acknowledgements that are lost one after another. */
const LOST_ACKS = 5;

/** Kafka has the batch, and the gateway that sent it is told nothing. */
const losingAcks = async (scene: Scene) => {
  const gateway = aGateway(scene);
  await scene.during({ target: gateway.name }, async () => {
    const traps = scene.chat.parts.link(gateway.name).kafka.map((proxy) =>
      proxy.trap({
        matches: ({ direction, apiKey }) => direction === 'reply' && apiKey === KAFKA_API.produce,
        act: (_, connection) => connection.reset(),
        times: LOST_ACKS,
      }),
    );
    await last();
    for (const trap of traps) trap.remove();
  });
};

/** Clients of the other gateways come to one that has not read what they have seen. */
const sinceAhead = async (scene: Scene) => {
  const { chat, clients } = scene;
  const behind = aGateway(scene);
  await scene.during({ target: behind.name }, async () => {
    const { kafka } = chat.parts.link(behind.name);
    for (const proxy of kafka) proxy.halfCut('reply');
    await last(BEHIND_MS);
    for (const client of clients) if (client.gateway !== behind.name) client.moveTo(behind.name);
    await last(BEHIND_MS);
    for (const proxy of kafka) proxy.mend();
  });
};

const dyingInTransaction = async (scene: Scene) => {
  const { producer, random, rooms } = scene;
  await scene.during({ target: 'chat-messages' }, async () => {
    await producer.produceTransaction(random.pick(rooms));
    await producer.dieInTransaction(random.pick(rooms));
    await last();
  });
};

const poisoning = async (scene: Scene) => {
  const { producer, random, rooms } = scene;
  await scene.during({ target: 'chat-messages' }, () => producer.producePoison(random.pick(rooms)));
};

/** In Kafka, where the position is for monitoring, and in Postgres, where it counts. */
const rewinding = async (scene: Scene) => {
  const { persisters } = scene.chat;
  await scene.during({ target: PERSISTERS }, async () => {
    for (const persister of persisters) persister.unsupervise();
    await Promise.all(persisters.map((persister) => persister.terminate()));
    await scene.log.rewind(PERSISTERS, REWOUND_RECORDS);
    await scene.rows.rewind(REWOUND_RECORDS);
    for (const persister of persisters) persister.supervise();
  });
};

/** The others talk until what waits for the silent ones is more than a gateway keeps for a client, and one was closed. */
const notReading = async (scene: Scene) => {
  const silent = scene.clients.slice(0, SILENT_CLIENTS);
  const freezes = silent.map(({ client }) => String(client));
  const talkers = talkersTo(silent, scene);
  const closedBefore = await countSlowClients(scene);
  let isOneClosed = false;
  await scene.during({ target: `${silent.length} clients`, freezes }, async () => {
    for (const client of silent) client.stopReading();
    const endAt = performance.now() + FLOOD_MS;
    for (let at = 0; !isOneClosed && performance.now() < endAt; at += 1) {
      for (let count = 0; count < FLOOD_MESSAGES; count += 1) {
        const next = talkers[(at + count) % talkers.length];
        next?.talker.send(next.room, 'long');
      }
      await last(FLOOD_EVERY_MS);
      if (at % LOOK_EVERY === 0) isOneClosed = (await countSlowClients(scene)) > closedBefore;
    }
    for (const client of silent) client.readOn();
  });
  if (!isOneClosed) throw new Error('no client that does not read was closed');
};

/** For the room that most of the silent clients are in, one of the others that is in it as well. */
function talkersTo(silent: readonly FaultClient[], { clients, rooms }: Scene) {
  const countOf = (room: number) => silent.filter((client) => client.rooms.includes(room)).length;
  const others = clients.filter((client) => !silent.includes(client));
  const [room] = rooms
    .filter((each) => others.some((client) => client.rooms.includes(each)))
    .toSorted((one, other) => countOf(other) - countOf(one));
  return room === undefined
    ? []
    : others.filter((client) => client.rooms.includes(room)).map((talker) => ({ talker, room }));
}

/** Clients that the gateways closed because they were too slow. */
async function countSlowClients({ chat }: Scene): Promise<number> {
  const counts = await Promise.all(
    chat.gateways.map(({ internalUrl }) => sumAt(internalUrl, 'chat_gateway_closes_total', 'reason="OVERLOADED"')),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

const reconnectStorm = async (scene: Scene) => {
  await scene.idleClients();
  const gateway = aGateway(scene);
  await scene.during({ target: gateway.name }, async () => {
    await gateway.kill();
    await last();
  });
};

/** Faults of what goes through the system. */
export const TRAFFIC_FAULTS: readonly Fault[] = [
  { id: 'F30', name: 'Kafka’s acknowledgements are lost', class: 'lost acks', run: losingAcks },
  { id: 'F31', name: 'a since that the new gateway has not read yet', class: 'since ahead', run: sinceAhead },
  { id: 'F32', name: 'kill -9 in the middle of a Kafka transaction', class: 'transaction', run: dyingInTransaction },
  { id: 'F33', name: 'poison records', class: 'poison', run: poisoning },
  { id: 'F34', name: 'the position of the persisters rewound by 1,000 records', class: 'rewound', run: rewinding },
  { id: 'F35', name: '20 clients stop reading', class: 'slow clients', run: notReading },
  { id: 'F36', name: 'a gateway killed under 1,000 idle sessions', class: 'reconnect storm', run: reconnectStorm },
];
