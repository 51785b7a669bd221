import type { FaultLink } from '@chat/local-stack';
import type { TcpProxy } from '@chat/testing';
import { aGateway, aPersister, last, type Fault, type Scene } from './scene.ts';

/** Ways in which a stretch of network can fail. */
const FAILURES: readonly { readonly name: string; readonly begin: (proxy: TcpProxy) => void }[] = [
  { name: '100 ms of latency', begin: (proxy) => proxy.slow({ latencyMs: 100 }) },
  { name: '64 KiB a second', begin: (proxy) => proxy.slow({ bytesPerSecond: 65_536 }) },
  { name: 'bytes one by one', begin: (proxy) => proxy.slow({ sliceBytes: 1 }) },
  { name: 'reset', begin: (proxy) => proxy.reset() },
  { name: 'a black hole', begin: (proxy) => proxy.blackHole() },
  { name: 'cut after a request, before its reply', begin: (proxy) => proxy.cutBeforeReply() },
];

/** A stretch of network, and the gateway that its clients cannot hear meanwhile, if it is theirs. */
interface Stretch {
  readonly name: string;
  readonly choose: (scene: Scene) => { readonly proxies: readonly TcpProxy[]; readonly freezes: readonly string[] };
}

const clientsAndGateway: Stretch = {
  name: 'between clients and a gateway',
  choose: (scene) => {
    const { name } = aGateway(scene);
    return { proxies: [scene.chat.clientLink(name)], freezes: [name] };
  },
};

function appAndPart(
  name: string,
  appIn: (scene: Scene) => { readonly name: string },
  proxiesOf: (link: FaultLink) => readonly TcpProxy[],
): Stretch {
  const choose = (scene: Scene) => {
    const link = scene.chat.parts.link(appIn(scene).name);
    return { proxies: proxiesOf(link), freezes: [] };
  };
  return { name: `between ${name}`, choose };
}

const presenceWorker = () => ({ name: 'presence-worker' });
const roomsApi = () => ({ name: 'rooms-api' });
const kafka = (link: FaultLink) => link.kafka;
const postgres = (link: FaultLink) => [link.postgres];
const redis = (link: FaultLink) => [link.redis];

const STRETCHES: readonly Stretch[] = [
  clientsAndGateway,
  appAndPart('a gateway and Kafka', aGateway, kafka),
  appAndPart('a gateway and Postgres', aGateway, postgres),
  appAndPart('a gateway and Redis', aGateway, redis),
  appAndPart('a persister and Kafka', aPersister, kafka),
  appAndPart('a persister and Postgres', aPersister, postgres),
  appAndPart('presence-worker and Kafka', presenceWorker, kafka),
  appAndPart('presence-worker and Redis', presenceWorker, redis),
  appAndPart('rooms-api and Postgres', roomsApi, postgres),
  appAndPart('rooms-api and Kafka', roomsApi, kafka),
];

/** F100, F110, … one ten a stretch, one number a failure. */
const FIRST_NUMBER = 100;
const NUMBERS_A_STRETCH = 10;

/** Every failure of every stretch. */
export const NETWORK_FAULTS: readonly Fault[] = STRETCHES.flatMap((stretch, row) =>
  FAILURES.map((failure, column) => ({
    id: `F${FIRST_NUMBER + row * NUMBERS_A_STRETCH + column}`,
    name: `${failure.name} ${stretch.name}`,
    class: `network: ${failure.name}`,
    run: async (scene: Scene) => {
      const { proxies, freezes } = stretch.choose(scene);
      await scene.during({ target: stretch.name, freezes }, async () => {
        for (const proxy of proxies) failure.begin(proxy);
        await last();
        for (const proxy of proxies) proxy.mend();
      });
    },
  })),
);
