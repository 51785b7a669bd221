import type { Bench, BenchContext, BenchReport, Target } from '../bench.ts';
import { figure, spreadText } from '../figures.ts';
import { runRounds } from '../rounds.ts';
import { ratios, spreadOf } from '../statistics.ts';
import {
  CONTESTANT_LABELS,
  CONTESTANTS,
  turnsOf,
  withContestants,
  type ContestantName,
  type PerContestant,
} from './contestants.ts';
import { manyRooms, oneRoom, overlappingPairs, type Layout } from './layouts.ts';
import { saturate, type Saturation, type SaturationResult } from './saturate.ts';

const FULL = { rounds: 5, durationMs: 1_500 };
const QUICK = { rounds: 1, durationMs: 100 };

/** Of every layout: what must be reached, in deliveries a CPU-second of ours through those of a peer. */
interface Case {
  readonly layout: Layout;
  readonly load: Pick<Saturation, 'aheadCount' | 'feedCount'>;
  readonly atLeast: Partial<Readonly<Record<ContestantName, number>>>;
}

const FULL_CASES: readonly Case[] = [
  { layout: oneRoom(1_000), load: { aheadCount: 192, feedCount: 64 }, atLeast: { oneWrite: 6 } },
  {
    layout: manyRooms(100, 10),
    load: { aheadCount: 12_288, feedCount: 4_096 },
    atLeast: { oneWrite: 0.7, naive: 2 },
  },
  {
    layout: overlappingPairs(1_000),
    load: { aheadCount: 12_288, feedCount: 4_096 },
    atLeast: { oneWrite: 0.7, naive: 2 },
  },
];
const QUICK_LOAD = { aheadCount: 192, feedCount: 64 };
const QUICK_CASES: readonly Case[] = [
  { layout: oneRoom(50), load: QUICK_LOAD, atLeast: { oneWrite: 6 } },
  { layout: manyRooms(10, 5), load: QUICK_LOAD, atLeast: { oneWrite: 0.7, naive: 2 } },
  { layout: overlappingPairs(20), load: QUICK_LOAD, atLeast: { oneWrite: 0.7, naive: 2 } },
];

/** Deliveries a CPU-second of a gateway that has more to deliver than it can, against servers that do nothing else. */
export const fanOutBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const measured: Measured[] = [];
  for (const each of context.isQuick ? QUICK_CASES : FULL_CASES) {
    context.say(each.layout.name);
    measured.push({ ...each, results: await measureCase(context, each, parameters) });
  }
  return reportOf(measured, parameters);
};

type Measured = Case & { readonly results: PerContestant<readonly SaturationResult[]> };

function measureCase(
  context: BenchContext,
  { layout, load }: Case,
  { rounds, durationMs }: typeof FULL,
): Promise<PerContestant<readonly SaturationResult[]>> {
  const saturation = { ...load, durationMs, roomSize: layout.roomSize };
  return withContestants(context, layout, (contestants) =>
    runRounds(
      turnsOf(contestants, (contestant) => saturate(contestant, saturation)),
      rounds,
    ),
  );
}

function reportOf(measured: readonly Measured[], { rounds, durationMs }: typeof FULL): BenchReport {
  return {
    about: [
      'Messages are fed as fast as they are delivered: so many are always ahead, and a round ends with the last delivery. CPU is that of the server process, user and system; "of the floor" is deliveries a CPU-second through those of the C program that calls `write` once a delivery, round by round.',
      'ws-gateway is the built app on real Kafka, with its Kafka client, its check for repeats and all else. Its records stand in `chat-messages` as a gateway writes them; each lot becomes visible as a whole, so that it finds a backlog on a busy machine too.',
      'The peers know no Kafka, no tokens and no rights: their messages come out of their own memory. The naive one makes its JSON once a message and calls `ws.send` with the string once a delivery; Socket.IO uses its rooms, by WebSocket alone. The C programs write ready bytes to blocking sockets, one or eight frames a system call, and are what the kernel costs.',
      'Every frame has 316 bytes. Clients are one process that reads frames and counts; a delivery that is left out, comes twice or out of the order of its room fails the bench. They share the machine with the server.',
      'Where a delivery costs more than a write it is not the delivery: in rooms of 2 each record, fetched, decoded and judged for all instances, is shared by two deliveries only.',
    ],
    parameters: {
      rounds,
      'ms a round': durationMs,
      'messages ahead': measured.map(({ load }) => load.aheadCount).join(' / '),
      'frame bytes': 316,
    },
    head: ['rooms', 'server', 'deliveries/CPU-s', 'CPU µs/delivery', 'of the floor', 'frames a write', 'deliveries/s'],
    rows: measured.flatMap((each) => CONTESTANTS.map((name) => rowOf(each, name))),
    targets: measured.flatMap(targetsOf),
    figures: Object.fromEntries(measured.map(({ layout, results }) => [layout.name, results])),
  };
}

function rowOf({ layout, results }: Measured, name: ContestantName): readonly string[] {
  const own = results[name];
  return [
    layout.name,
    CONTESTANT_LABELS[name],
    spreadText(spreadOf(own.map(perCpuS))),
    spreadText(spreadOf(own.map((result) => 1 / perCpuS(result))), 1e6),
    spreadText(spreadOf(ratios(own.map(perCpuS), results.oneWrite.map(perCpuS)))),
    figure(spreadOf(own.map(({ deliveries, writeCalls }) => deliveries / writeCalls)).median),
    figure(spreadOf(own.map(({ deliveries, wallS }) => deliveries / wallS)).median),
  ];
}

function targetsOf({ layout, results, atLeast }: Measured): readonly Target[] {
  return (['oneWrite', 'naive'] as const).flatMap((peer): readonly Target[] => {
    const least = atLeast[peer];
    if (least === undefined) return [];
    const ratio = spreadOf(ratios(results.ours.map(perCpuS), results[peer].map(perCpuS)));
    return [
      {
        rule: `${layout.name}: at least ${least} times the deliveries a CPU-second of "${CONTESTANT_LABELS[peer]}"${aimOf(layout, peer)}`,
        measured: spreadText(ratio),
        isMet: ratio.median >= least,
      },
    ];
  });
}

/** What is aimed at beyond what must be reached. */
function aimOf({ roomIds }: Layout, peer: 'oneWrite' | 'naive'): string {
  if (peer === 'naive') return '';
  return roomIds.length === 1 ? ' (aim: as many as the batching one)' : ' (aim: 1)';
}

const perCpuS = ({ deliveries, cpuS }: SaturationResult) => deliveries / cpuS;
