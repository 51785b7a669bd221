import type { Bench, BenchContext, BenchReport, Target } from '../bench.ts';
import {
  CONTESTANT_LABELS,
  CONTESTANTS,
  turnsOf,
  withContestants,
  type ContestantName,
} from '../fan-out/contestants.ts';
import { manyRooms, oneRoom, type Layout } from '../fan-out/layouts.ts';
import { spreadText } from '../figures.ts';
import { openPlainKafka } from '../load/plain-kafka.ts';
import { runRounds } from '../rounds.ts';
import { ratios, spreadOf } from '../statistics.ts';
import { pace, pacePlainKafka, type PacedResult } from './pace.ts';

const PARTITIONS = 12;
const FULL = { rounds: 7, warmUpRounds: 2, durationS: 4, leadInS: 3 };
const QUICK = { rounds: 1, warmUpRounds: 1, durationS: 0.5, leadInS: 0.5 };
type Parameters = typeof FULL;

interface Case {
  readonly layout: Layout;
  readonly perSecond: number;
  readonly targetsOf: (measured: Measured) => readonly Target[];
}

const NAMES = [...CONTESTANTS, 'plain'] as const;
type Name = ContestantName | 'plain';
type Measured = Readonly<Record<Name, readonly PacedResult[]>>;
const LABELS: Readonly<Record<Name, string>> = {
  ...CONTESTANT_LABELS,
  plain: 'plain kafkajs: produce, consume',
};

const FULL_CASES: readonly Case[] = [
  { layout: oneRoom(1_000), perSecond: 20, targetsOf: targetsOfOneRoom },
  { layout: manyRooms(100, 10), perSecond: 200, targetsOf: targetsOfManyRooms },
];
const QUICK_CASES: readonly Case[] = [
  { layout: oneRoom(50), perSecond: 20, targetsOf: targetsOfOneRoom },
  { layout: manyRooms(10, 5), perSecond: 40, targetsOf: targetsOfManyRooms },
];

/** What messages at a steady pace cost, and how long after their intended time they are there. */
export const pacedBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const measured: Array<Case & { readonly results: Measured }> = [];
  for (const each of context.isQuick ? QUICK_CASES : FULL_CASES) {
    context.say(titleOf(each));
    measured.push({ ...each, results: await measureCase(context, each, parameters) });
  }
  return reportOf(measured, parameters);
};

async function measureCase(
  context: BenchContext,
  { layout, perSecond }: Case,
  { rounds, warmUpRounds, durationS, leadInS }: Parameters,
): Promise<Measured> {
  const steady = { perSecond, durationS, leadInS, roomSize: layout.roomSize, roomCount: layout.roomIds.length };
  const kafka = await openPlainKafka(context.kafkaBrokers, PARTITIONS);
  try {
    return await withContestants(context, layout, (contestants) => {
      const turns = turnsOf(contestants, (contestant) => pace(contestant, steady));
      return runRounds({ ...turns, plain: () => pacePlainKafka(kafka, steady) }, rounds, warmUpRounds);
    });
  } finally {
    await kafka.stop();
  }
}

function reportOf(
  measured: ReadonlyArray<Case & { readonly results: Measured }>,
  { rounds, warmUpRounds, durationS, leadInS }: Parameters,
): BenchReport {
  return {
    about: [
      'Open loop: a client of each room sends at fixed times, whatever became of the messages before. Latency runs from the intended time of a message to each of its deliveries, so a server that falls behind cannot hide it.',
      'CPU is that of the server from the first message to the last delivery. For ws-gateway that is SEND, publishing to Kafka, reading back and delivering; the peers deliver what they are sent out of their own memory, and know no tokens and no rights. At this pace nothing can be collected: every delivery is a write of its own for all of them.',
      '"plain kafkajs" is a stock producer and consumer in one process with as many records: one `producer.send` (acks -1) each. Its latency is from the call of `send` to the record, its CPU a message.',
      'Each goes at this pace for a while before it is measured: who has done nothing while the others had their turns is slow at first.',
      'Frames of about 316 bytes. A delivery that is left out, comes twice or out of the order of its room fails the bench.',
    ],
    parameters: { rounds, 'rounds to warm up': warmUpRounds, 's a round': durationS, 's before it': leadInS },
    head: ['rooms', 'server', 'CPU ms/s', 'CPU µs/delivery', 'of the floor', 'p50 ms', 'p99 ms'],
    rows: measured.flatMap((each) => NAMES.map((name) => rowOf(each, each.results, name, durationS))),
    targets: measured.flatMap(({ targetsOf, results }) => targetsOf(results)),
    figures: Object.fromEntries(measured.map((each) => [titleOf(each), each.results])),
  };
}

function rowOf(each: Case, results: Measured, name: Name, durationS: number): readonly string[] {
  const own = results[name];
  return [
    titleOf(each),
    LABELS[name],
    spreadText(spreadOf(own.map(({ cpuS }) => cpuS / durationS)), 1e3),
    name === 'plain' ? '' : spreadText(spreadOf(own.map(({ cpuS, deliveries }) => cpuS / deliveries)), 1e6),
    spreadText(spreadOf(ratios(cpuOf(own), cpuOf(results.oneWrite)))),
    spreadText(spreadOf(own.map(({ latency }) => latency.p50Us)), 1e-3),
    spreadText(spreadOf(own.map(({ latency }) => latency.p99Us)), 1e-3),
  ];
}

function targetsOfOneRoom({ ours, oneWrite, naive, plain }: Measured): readonly Target[] {
  const cpu = spreadOf(ratios(cpuOf(ours), cpuOf(oneWrite)));
  const overMs = spreadOf(
    p99Of(ours).map((us, round) => (us - at(p99Of(naive), round) - at(p99Of(plain), round)) / 1e3),
  );
  return [
    {
      rule: `one room at 20/s: CPU at most 1.4 times that of "${LABELS.oneWrite}" (aim: 1.2)`,
      measured: spreadText(cpu),
      isMet: cpu.median <= 1.4,
    },
    {
      rule: "one room at 20/s: p99 at most naive's and that of Kafka's round trip together",
      measured: `${spreadText(overMs)} ms above`,
      isMet: overMs.median <= 0,
    },
  ];
}

function targetsOfManyRooms({ ours, oneWrite, plain }: Measured): readonly Target[] {
  const allowed = cpuOf(plain).map((cpuS, round) => cpuS + 2 * at(cpuOf(oneWrite), round));
  const cpu = spreadOf(ratios(cpuOf(ours), allowed));
  const ofPlain = spreadOf(ratios(cpuOf(ours), cpuOf(plain)));
  return [
    {
      rule: 'many rooms at 200/s: CPU at most that of plain kafkajs and twice the floor together (aim: half of plain kafkajs)',
      measured: `${spreadText(cpu)} times that; ${spreadText(ofPlain)} times plain kafkajs`,
      isMet: cpu.median <= 1,
    },
  ];
}

function titleOf({ layout, perSecond }: Case): string {
  return `${layout.name}, ${perSecond}/s`;
}

function cpuOf(results: readonly PacedResult[]): readonly number[] {
  return results.map(({ cpuS }) => cpuS);
}

function p99Of(results: readonly PacedResult[]): readonly number[] {
  return results.map(({ latency }) => latency.p99Us);
}

function at(values: readonly number[], round: number): number {
  return values[round] ?? NaN;
}
