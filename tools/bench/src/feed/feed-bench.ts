import type { Bench, BenchContext, BenchReport, Target } from '../bench.ts';
import type { BuiltApp } from '../built-app.ts';
import { consecutive } from '../consecutive.ts';
import { figure, spreadText } from '../figures.ts';
import { getText } from '../load/get-text.ts';
import { recordOf } from '../load/log-record.ts';
import { usageOf } from '../load/process-usage.ts';
import { runRounds } from '../rounds.ts';
import { spreadOf } from '../statistics.ts';
import { FEEDS, openGateways, type Feed } from './open-gateways.ts';

const GATEWAYS = 4;
/** Of `chat-messages`, where configuration says nothing. */
const PARTITIONS = 12;
/** At how many of the gateways each room is. */
const HOLDERS = [4, 2, 1] as const;
/** Records that reach a gateway, over what its share of the rooms has, at most: beside them it judges its share as a router. */
const EXCESS_MAX = 0.05;
const FULL = { rounds: 5, recordCount: 24_000, roomCount: 240 };
const QUICK = { rounds: 1, recordCount: 1_200, roomCount: 24 };
type Parameters = typeof FULL;

/** What comes to each of several gateways, and what it costs them, by the share of the rooms that each holds. */
export const feedBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const measured: Measured[] = [];
  for (const holders of HOLDERS) {
    context.say(`rooms at ${holders} of ${GATEWAYS} gateways`);
    const opened: Readers[] = [];
    try {
      for (const feed of FEEDS) opened.push(await openReaders(context, parameters, feed, holders));
      const [full, interest] = opened as [Readers, Readers]; // as many as there are feeds
      const contestants = { full: () => full.readBacklog(), interest: () => interest.readBacklog() };
      measured.push({ holders, results: await runRounds(contestants, parameters.rounds) });
    } finally {
      for (const readers of opened) await readers.stop();
    }
  }
  return reportOf(measured, parameters);
};

interface Measured {
  readonly holders: number;
  readonly results: Readonly<Record<Feed, readonly Result[]>>;
}

/** What one lot of records came to, all gateways together. */
interface Result {
  readonly cpuS: number;
  readonly readBytes: number;
  /** Records by what was done with them: `chat_gateway_feed_records_total`. */
  readonly steps: Readonly<Record<Step, number>>;
}

const STEPS = ['read', 'judged', 'sent', 'received'] as const;
type Step = (typeof STEPS)[number];

interface Readers {
  readBacklog(): Promise<Result>;
  stop(): Promise<void>;
}

/** Built gateways, each with one client who is in its share of the rooms and listens to all of them. */
async function openReaders(
  context: BenchContext,
  { recordCount, roomCount }: Parameters,
  feed: Feed,
  holders: number,
): Promise<Readers> {
  const roomIds = consecutive(roomCount, 1_001);
  const roomsOf = (gateway: number) => roomIds.filter((_, index) => (index + GATEWAYS - gateway) % GATEWAYS < holders);
  const rooms = consecutive(GATEWAYS, 0).map(roomsOf);
  const { gateways, swarms, log, stop } = await openGateways(context, feed, rooms);
  let n = 0;
  const next = () => recordOf(n, roomIds[n % roomCount] ?? 0, Math.floor(n++ / roomCount) + 1);
  return {
    readBacklog: async () => {
      for (const swarm of swarms) await swarm.count();
      const show = await log.write(Array.from({ length: recordCount }, next));
      const before = await usageOfAll(gateways);
      const deliveries = (recordCount * holders) / GATEWAYS;
      await Promise.all([...swarms.map((swarm) => swarm.end(deliveries)), show()]);
      return usedSince(before, await usageOfAll(gateways));
    },
    stop,
  };
}

async function usageOfAll(gateways: readonly BuiltApp[]): Promise<Result> {
  const usages = gateways.map(({ pid }) => usageOf(pid));
  const texts = await Promise.all(gateways.map(({ internalHost }) => getText(`http://${internalHost}/metrics`, {})));
  const stepOf = (step: Step) => sumOf(texts.map((text) => countIn(text, step)));
  return {
    cpuS: sumOf(usages.map(({ cpuS }) => cpuS)),
    readBytes: sumOf(usages.map(({ readBytes }) => readBytes)),
    steps: { read: stepOf('read'), judged: stepOf('judged'), sent: stepOf('sent'), received: stepOf('received') },
  };
}

function countIn(metrics: string, step: Step): number {
  const line = new RegExp(`^chat_gateway_feed_records_total\\{.*step="${step}".*\\} (\\S+)$`, 'm').exec(metrics);
  return Number(line?.[1] ?? 0);
}

function usedSince(before: Result, after: Result): Result {
  const stepOf = (step: Step) => after.steps[step] - before.steps[step];
  return {
    cpuS: after.cpuS - before.cpuS,
    readBytes: after.readBytes - before.readBytes,
    steps: { read: stepOf('read'), judged: stepOf('judged'), sent: stepOf('sent'), received: stepOf('received') },
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

const LABELS: Readonly<Record<Feed, string>> = { full: 'full fan-in', interest: 'interest routing' };

function reportOf(measured: readonly Measured[], parameters: Parameters): BenchReport {
  const { rounds, recordCount, roomCount } = parameters;
  const inPercent = (count: number) => `${figure((count / GATEWAYS / recordCount) * 100)} %`;
  const median = (results: readonly Result[], of: (result: Result) => number) => spreadOf(results.map(of)).median;
  return {
    about: [
      `${figure(recordCount)} records of ${roomCount} rooms become visible at once to ${GATEWAYS} built gateways, each with one client that listens to its share of the rooms; a lot ends with the last delivery, and a delivery that is left out, comes twice or out of the order of its room fails the bench.`,
      'Read, judged, sent and received are records a gateway as shares of all, by its own counter. With full fan-in a gateway reads everything; with interest routing it judges its share of the partitions for all, sends what others hold, and receives what it holds itself.',
      'CPU and bytes read from sockets are of all gateways, a record of the log. Both include delivering, which is the same for both feeds.',
    ],
    parameters: { rounds, records: recordCount, rooms: roomCount, gateways: GATEWAYS, partitions: PARTITIONS },
    head: ['feed', 'rooms held', ...STEPS, 'CPU µs/record', 'bytes read/record'],
    rows: measured.flatMap(({ holders, results }) =>
      FEEDS.map((feed) => [
        LABELS[feed],
        `${figure((holders / GATEWAYS) * 100)} %`,
        ...STEPS.map((step) => inPercent(median(results[feed], ({ steps }) => steps[step]))),
        spreadText(spreadOf(results[feed].map(({ cpuS }) => cpuS / recordCount)), 1e6),
        figure(median(results[feed], ({ readBytes }) => readBytes) / recordCount),
      ]),
    ),
    targets: measured.map((each) => targetOf(each, recordCount)),
    figures: { measured },
  };
}

function targetOf({ holders, results }: Measured, recordCount: number): Target {
  const share = spreadOf(results.interest.map(({ steps }) => steps.received / GATEWAYS / recordCount));
  return {
    rule: `a gateway that holds ${figure((holders / GATEWAYS) * 100)} % of the rooms receives at most ${EXCESS_MAX * 100} % more than their records`,
    measured: `${spreadText(share, 100)} % of all records`,
    isMet: share.max <= (holders / GATEWAYS) * (1 + EXCESS_MAX),
  };
}
