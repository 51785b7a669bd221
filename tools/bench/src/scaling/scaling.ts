import { meanHolders, randomOf, type Population } from './population.ts';

/** What a record costs, as measured; CPU in µs, without delivering, which is the same for both feeds. */
export interface RecordCosts {
  /** Bytes that a record of `chat-messages` takes in a fetch, and in the mail to one gateway. */
  readonly recordBytes: number;
  readonly mailBytes: number;
  /** To fetch and judge one that nobody here listens to. */
  readonly judgeUs: number;
  /** To send one to one gateway and to take it in there, together. */
  readonly forwardUs: number;
  readonly replicas: number;
}

/** One feed with so many gateways; each figure is of one gateway, but for the brokers'. */
export interface FeedLoad {
  readonly recordsRead: number;
  readonly mbitPerSecond: number;
  /** Of one core. */
  readonly cpuShare: number;
  /** Out of all brokers together to gateways, and into them beside what clients write, replicas included. */
  readonly brokersOutMBytes: number;
  readonly brokersInMBytes: number;
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

const SAMPLES = 20_000;
const SEED = 8;

/** What both feeds come to with so many gateways. */
export function scalingOf(population: Population, costs: RecordCosts, gateways: number): Scaling {
  const { sessionsPerGateway, sendsPerSession } = population;
  const messages = gateways * sessionsPerGateway * sendsPerSession;
  const holders = meanHolders(population, gateways, { samples: SAMPLES, random: randomOf(SEED) });
  return {
    gateways,
    messagesPerSecond: messages,
    holders,
    full: fullLoad(messages, gateways, costs),
    interest: interestLoad(messages, gateways, holders, costs),
  };
}

/** Each gateway reads everything. */
function fullLoad(messages: number, gateways: number, { recordBytes, judgeUs }: RecordCosts): FeedLoad {
  return {
    recordsRead: messages,
    mbitPerSecond: (messages * recordBytes * 8) / 1e6,
    cpuShare: (messages * judgeUs) / 1e6,
    brokersOutMBytes: (gateways * messages * recordBytes) / 1e6,
    brokersInMBytes: 0,
    messagesAtHalfCore: 0.5e6 / judgeUs,
  };
}

/** Each gateway judges its share for all, sends what others hold, and receives what it holds itself. */
function interestLoad(messages: number, gateways: number, holders: number, costs: RecordCosts): FeedLoad {
  const { recordBytes, mailBytes, judgeUs, forwardUs, replicas } = costs;
  const [judged, received] = [messages / gateways, (messages * holders) / gateways];
  const usPerMessage = (judgeUs + holders * forwardUs) / gateways;
  return {
    recordsRead: judged + received,
    mbitPerSecond: ((judged * recordBytes + received * mailBytes) * 8) / 1e6,
    cpuShare: (messages * usPerMessage) / 1e6,
    brokersOutMBytes: (messages * (recordBytes + holders * mailBytes)) / 1e6,
    brokersInMBytes: (messages * holders * mailBytes * replicas) / 1e6,
    messagesAtHalfCore: 0.5e6 / usPerMessage,
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
