import { meanHolders, randomOf, type Population } from './population.ts';

/** What a record costs, as measured; CPU in µs, without delivering, which is the same for both feeds. */
export interface RecordCosts {
  /** Bytes that a record of `chat-messages` takes in a fetch, in the mail to one gateway, and a mail without one. */
  readonly recordBytes: number;
  readonly mailBytes: number;
  readonly emptyMailBytes: number;
  /** To fetch and judge one that nobody here listens to. */
  readonly judgeUs: number;
  /** To send one to one gateway and to take it in there, together, where batches are full. */
  readonly forwardUs: number;
  readonly replicas: number;
}

/** What gateways tell each other though nothing happens. */
export interface KeepAlive {
  /** Partitions of `chat-messages` for so many gateways. */
  readonly partitions: (gateways: number) => number;
  /** How often each gateway tells the router of each partition that it lives, and is answered, in s. */
  readonly renewS: number;
  /** How often each router tells all what it routes, in s. */
  readonly announceS: number;
  /** How long brokers keep mail, in s. */
  readonly keptS: number;
}

/** One feed with so many gateways; each figure is of one gateway, but for the brokers'. */
export interface FeedLoad {
  readonly recordsRead: number;
  /** Mails a second that it sends or takes in though there is no record in them. */
  readonly keepAlives: number;
  readonly mbitPerSecond: number;
  /** Of one core. */
  readonly cpuShare: number;
  /** Out of all brokers together to gateways, and into them beside what clients write, replicas included. */
  readonly brokersOutMBytes: number;
  readonly brokersInMBytes: number;
  /** What all brokers together keep of that. */
  readonly keptGBytes: number;
  /** Messages a second of the whole system at which the feed alone takes half a core of each gateway. */
  readonly messagesAtHalfCore: number;
}

export interface Scaling {
  readonly gateways: number;
  /** Of the whole system. */
  readonly messagesPerSecond: number;
  /** At how many gateways the room of a message is. */
  readonly holders: number;
  readonly full: FeedLoad;
  readonly interest: FeedLoad;
}

/** As the gateway and the topic have it, to which a spec holds it: FEED_LIMITS, and PRIVATE_TOPICS with the brokers' own look every 5 min. */
export const KEEP_ALIVE: KeepAlive = {
  partitions: (gateways) => Math.max(12, gateways),
  renewS: 10,
  announceS: 1,
  keptS: 960,
};

const SAMPLES = 20_000;
const SEED = 8;

/** What both feeds come to with so many gateways. */
export function scalingOf(population: Population, costs: RecordCosts, gateways: number): Scaling {
  const { sessionsPerGateway, sendsPerSession } = population;
  const messagesPerSecond = gateways * sessionsPerGateway * sendsPerSession;
  const holders = meanHolders(population, gateways, { samples: SAMPLES, random: randomOf(SEED) });
  const load = { gateways, messagesPerSecond, holders };
  return { ...load, full: fullLoad(load, costs), interest: interestLoad(load, costs, KEEP_ALIVE) };
}

type Load = Pick<Scaling, 'gateways' | 'messagesPerSecond' | 'holders'>;

/** Each gateway reads everything. */
function fullLoad({ gateways, messagesPerSecond }: Load, { recordBytes, judgeUs }: RecordCosts): FeedLoad {
  return {
    recordsRead: messagesPerSecond,
    keepAlives: 0,
    mbitPerSecond: (messagesPerSecond * recordBytes * 8) / 1e6,
    cpuShare: (messagesPerSecond * judgeUs) / 1e6,
    brokersOutMBytes: (gateways * messagesPerSecond * recordBytes) / 1e6,
    brokersInMBytes: 0,
    keptGBytes: 0,
    messagesAtHalfCore: 0.5e6 / judgeUs,
  };
}

/** Each gateway judges its share for all, sends what others hold, and receives what it holds itself. */
function interestLoad(
  { gateways, messagesPerSecond, holders }: Load,
  costs: RecordCosts,
  { partitions, renewS, announceS, keptS }: KeepAlive,
): FeedLoad {
  const { recordBytes, mailBytes, emptyMailBytes, judgeUs, forwardUs, replicas } = costs;
  const [judged, received] = [messagesPerSecond / gateways, (messagesPerSecond * holders) / gateways];
  /** A sign of life to each partition and its answer; as many come in from others. */
  const signs = (2 * partitions(gateways)) / renewS;
  const announcements = gateways / announceS;
  const quietUs = signs * forwardUs + announcements * judgeUs;
  const usPerMessage = (judgeUs + holders * forwardUs) / gateways;
  const brokersInMBytes =
    (gateways * (received * mailBytes + (signs + 1 / announceS) * emptyMailBytes) * replicas) / 1e6;
  const readBytes = judged * recordBytes + received * mailBytes + (signs + announcements) * emptyMailBytes;
  return {
    recordsRead: judged + received,
    keepAlives: 2 * signs + announcements,
    mbitPerSecond: (readBytes * 8) / 1e6,
    cpuShare: (messagesPerSecond * usPerMessage + quietUs) / 1e6,
    brokersOutMBytes: (gateways * readBytes) / 1e6,
    brokersInMBytes,
    keptGBytes: (brokersInMBytes * keptS) / 1e3,
    messagesAtHalfCore: Math.max(0, 0.5e6 - quietUs) / usPerMessage,
  };
}

/** With how many gateways interest routing begins to take less CPU than full fan-in. */
export function breakEven(population: Population, costs: RecordCosts): number {
  for (let gateways = 1; gateways <= 10_000; gateways = Math.ceil(gateways * 1.1)) {
    const { full, interest } = scalingOf(population, costs, gateways);
    if (interest.cpuShare < full.cpuShare) return gateways;
  }
  return Infinity;
}
