import type { Bench, BenchReport, Target } from '../bench.ts';
import { figure, spreadText } from '../figures.ts';
import { compileNative } from '../load/compile.ts';
import { runRounds } from '../rounds.ts';
import { percentile, ratios, spreadOf } from '../statistics.ts';
import { measureGateway, measureNaive, type HeartbeatCost } from './heartbeats.ts';
import { measureBatch } from './presence-batch.ts';

const FEWER_TIMES = 10;
const BATCH_P99_MS = 20;
const FULL = {
  heartbeats: { sessionCount: 5_000, roomCount: 250, pingEveryMs: 10_000, measureMs: 20_000 },
  batch: { memberCount: 10_000, askedCount: 200, rounds: 5, requests: 1_000 },
  rounds: 3,
};
const QUICK = {
  heartbeats: { sessionCount: 200, roomCount: 10, pingEveryMs: 1_000, measureMs: 2_000 },
  batch: { memberCount: 1_000, askedCount: 200, rounds: 1, requests: 50 },
  rounds: 1,
};
type Parameters = typeof FULL;

/** What it costs that people are there, and to ask who is. */
export const presenceBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const program = await compileNative(context.rootDir, 'swarm');
  const batch = await measureBatch(context, parameters.batch);
  const contestants = {
    ours: () => measureGateway(context, program, parameters.heartbeats),
    naive: () => measureNaive(context, program, parameters.heartbeats),
  };
  const heartbeats = await runRounds(contestants, parameters.rounds, 0); // a new process each time: nothing stays warm
  return reportOf({ heartbeats, batch }, parameters);
};

const NAMES = ['ours', 'naive'] as const;
type PerName<Value> = Readonly<Record<(typeof NAMES)[number], Value>>;
const LABELS: PerName<string> = {
  ours: 'ws-gateway and presence-worker, a lease a gateway',
  naive: 'naive ws server, SET with a TTL a ping',
};

interface Measured {
  readonly heartbeats: PerName<readonly HeartbeatCost[]>;
  readonly batch: readonly (readonly number[])[];
}

function reportOf({ heartbeats, batch }: Measured, parameters: Parameters): BenchReport {
  const { sessionCount, pingEveryMs, measureMs } = parameters.heartbeats;
  const { memberCount, askedCount, requests } = parameters.batch;
  const fewer = spreadOf(ratiosOf(heartbeats, ({ redisCommands }) => redisCommands));
  const cheaper = spreadOf(ratiosOf(heartbeats, ({ redisCpuMs }) => redisCpuMs));
  const p99 = spreadOf(batch.map((times) => percentile(times, 99)));
  const p50 = spreadOf(batch.map((times) => percentile(times, 50)));
  return {
    about: [
      `${figure(sessionCount)} sessions, each a user and member of one of ${parameters.heartbeats.roomCount} rooms, are connected to one server and say /app/heartbeat every ${pingEveryMs / 1_000} s (each with a RECEIPT); nobody comes or goes for ${measureMs / 1_000} s, in which all is counted. Ours is a built gateway with presence-worker and all its parts; the naive server answers nothing.`,
      'Commands are those that Redis ran, those within scripts each for itself (INFO commandstats). CPU of Redis is the whole process (INFO cpu), with what it takes while it does nothing; CPU of the servers is user and system time of theirs.',
      `The internal batch: GET of ${askedCount} random members of a room of ${figure(memberCount)}, half of whom are online, by HTTP from the built rooms-api, ${figure(requests)} requests a round, one after the other: p50 ${spreadText(p50)} ms, p99 ${spreadText(p99)} ms.`,
      `CPU of Redis of "naive" is ${spreadText(cheaper)} times ours.`,
    ],
    parameters: { rounds: parameters.rounds, sessions: sessionCount, 's between pings': pingEveryMs / 1_000 },
    head: ['server', 'Redis commands/s', 'Redis CPU ms/s', 'servers’ CPU ms/s', 'pings answered/s'],
    rows: NAMES.map((name) => rowOf(LABELS[name], heartbeats[name])),
    targets: [
      {
        rule: `at least ${FEWER_TIMES} times fewer Redis commands than "${LABELS.naive}"`,
        measured: spreadText(fewer),
        isMet: fewer.median >= FEWER_TIMES,
      },
      batchTarget(p99, askedCount, memberCount),
    ],
    figures: { heartbeats, batchP99: batch.map((times) => percentile(times, 99)) },
  };
}

function batchTarget(p99: ReturnType<typeof spreadOf>, askedCount: number, memberCount: number): Target {
  return {
    rule: `p99 of the internal batch for ${askedCount} of a room of ${figure(memberCount)} at most ${BATCH_P99_MS} ms`,
    measured: `${spreadText(p99)} ms`,
    isMet: p99.median <= BATCH_P99_MS,
  };
}

const ratiosOf = ({ ours, naive }: PerName<readonly HeartbeatCost[]>, valueOf: (cost: HeartbeatCost) => number) =>
  ratios(naive.map(valueOf), ours.map(valueOf));

function rowOf(label: string, costs: readonly HeartbeatCost[]): readonly string[] {
  const answered = costs.flatMap((cost) => cost.answered ?? []);
  return [
    label,
    spreadText(spreadOf(costs.map(({ redisCommands }) => redisCommands))),
    spreadText(spreadOf(costs.map(({ redisCpuMs }) => redisCpuMs))),
    spreadText(spreadOf(costs.map(({ serverCpuMs }) => serverCpuMs))),
    answered.length === 0 ? '' : spreadText(spreadOf(answered)),
  ];
}
