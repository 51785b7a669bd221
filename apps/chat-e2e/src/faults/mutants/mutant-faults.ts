import { aGateway, last, type Fault, type Scene } from '../runs/scene.ts';
import { faultOf } from '../runs/fault-table.ts';
import type { MutantName } from './mutants.ts';

const KILL_COUNT = 2;
/** Until the group has given up who was killed, and the persisters store again, in ms. */
const TAKE_OVER_MS = 14_000;
const RESET_COUNT = 12;
const SHORTLY_MS = 300;
/** Of what goes to Kafka and back, so that each reset meets batches in flight, in ms. */
const IN_FLIGHT_MS = 20;
/** Until there is load everywhere, in ms. */
const WARM_MS = 2_000;
/** Of answers from Kafka while a gateway drains: SENDs are in flight for certain. */
const LATENCY_MS = 300;

const killingPersisters = async ({ chat, during }: Scene) => {
  await during({ target: 'message-persister' }, async () => {
    for (let count = 0; count < KILL_COUNT; count += 1) {
      await last(count === 0 ? WARM_MS : TAKE_OVER_MS);
      await Promise.all(chat.persisters.map((persister) => persister.kill()));
    }
  });
};

/** A batch whose connection breaks waits before its next attempt; one behind it must not pass. */
const resettingKafka = async ({ chat, during }: Scene) => {
  const proxies = chat.gateways.flatMap(({ name }) => chat.parts.link(name).kafka);
  await during({ target: 'all gateways and Kafka' }, async () => {
    for (const proxy of proxies) proxy.slow({ latencyMs: IN_FLIGHT_MS });
    for (let count = 0; count < RESET_COUNT; count += 1) {
      await last(SHORTLY_MS);
      for (const proxy of proxies) proxy.reset();
    }
    for (const proxy of proxies) proxy.mend();
  });
};

/** What a client saw last is stored, what came after it is not. */
const resumingWithoutRows = async ({ chat, clients, during }: Scene) => {
  const away = clients.filter((_, index) => index % 2 === 0);
  await during({ target: 'message-persister' }, async () => {
    await last(WARM_MS);
    for (const client of away) client.goAway();
    await last(WARM_MS);
    for (const persister of chat.persisters) persister.signal('SIGSTOP');
    await last(1_000);
    for (const client of away) client.connect();
    await last(2_000);
    for (const persister of chat.persisters) persister.signal('SIGCONT');
  });
};

const drainingBusily = async (scene: Scene) => {
  const { chat, during } = scene;
  const gateway = aGateway(scene);
  await during({ target: gateway.name }, async () => {
    const { kafka } = chat.parts.link(gateway.name);
    for (const proxy of kafka) proxy.slow({ latencyMs: LATENCY_MS });
    await last(1_000);
    await gateway.terminate();
    for (const proxy of kafka) proxy.mend();
  });
};

/** What each mutant does not stand, and the sound system does. */
export const MUTANT_FAULTS: Readonly<Record<MutantName, Fault>> = {
  dedupeOff: faultOf('F30'),
  commitBeforeInsert: {
    id: 'M2',
    name: 'both persisters killed again and again',
    class: 'mutant',
    run: killingPersisters,
  },
  concurrentSends: {
    id: 'M3',
    name: 'connections of the gateways to Kafka reset again and again',
    class: 'mutant',
    run: resettingKafka,
  },
  barrierOff: {
    id: 'M4',
    name: 'all clients come back while the persisters are frozen',
    class: 'mutant',
    run: resumingWithoutRows,
  },
  drainDrops: {
    id: 'M5',
    name: 'SIGTERM of a gateway that waits for Kafka',
    class: 'mutant',
    run: drainingBusily,
  },
};
