import { setTimeout as pause } from 'node:timers/promises';
import { partitionOf } from '@chat/kafka-contracts';
import { inTime } from '@chat/testing';
import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import type { BuiltApp } from '../built-app.ts';
import { consecutive } from '../consecutive.ts';
import { figure, spreadText } from '../figures.ts';
import { recordOf } from '../load/log-record.ts';
import { usageOf } from '../load/process-usage.ts';
import { runRounds } from '../rounds.ts';
import { spreadOf } from '../statistics.ts';
import { FEEDS, openGateways, type Feed } from './open-gateways.ts';

/** Of `chat-messages`: records of one lot are of as many of them, so that each is a mail of its own. */
const PARTITIONS = 16;
/** Records of a lot. */
const LOT_SIZES = [1, 4, 16] as const;
const FULL = { rounds: 3, lots: 80, backlog: 16_000, idleMs: 1_000 };
const QUICK = { rounds: 1, lots: 5, backlog: 320, idleMs: 200 };
type Parameters = typeof FULL;
/** Longest that the records of a lot may be on their way, in ms. */
const LOT_DEADLINE_MS = 10_000;

/** What it costs to send one record to one gateway, by how many go at a time. */
export const mailBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const opened: Readers[] = [];
  try {
    for (const feed of FEEDS) opened.push(await openReaders(context, feed));
    const [full, interest] = opened as [Readers, Readers]; // as many as there are feeds
    const contestants = { full: () => full.read(parameters), interest: () => interest.read(parameters) };
    return reportOf(await runRounds(contestants, parameters.rounds), parameters);
  } finally {
    for (const readers of opened) await readers.stop();
  }
};

/** CPU of a record in s, without what an instance takes that has nothing to do. */
interface Cost {
  /** Of the gateway whose client listens, and of the other one. */
  readonly listening: number;
  readonly other: number;
}

/** By the size of a lot; the backlog is the last. */
type Costs = readonly Cost[];

interface Readers {
  read(parameters: Parameters): Promise<Costs>;
  stop(): Promise<void>;
}

/** Two built gateways: a client of the first one listens to a room of each partition, nobody to the other. */
async function openReaders(context: BenchContext, feed: Feed): Promise<Readers> {
  const rooms = roomOfEachPartition();
  const settings = { KAFKA_TOPIC_LAYOUT: `chat-messages:${PARTITIONS}` };
  const { kafka, gateways, swarms, log, stop } = await openGateways(context, feed, [rooms, []], settings);
  const [swarm] = swarms;
  if (swarm === undefined) throw new RangeError('nobody listens');
  const topic = `${kafka.topicPrefix}chat-messages`;
  const producer = kafka.kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  let n = 0;
  const next = () => recordOf(n, rooms[n % PARTITIONS] ?? 0, Math.floor(n++ / PARTITIONS) + 1);
  const lotOf = (size: number) => Array.from({ length: size }, next);

  /** Each becomes visible once the one before it is delivered. */
  const readLots = async (lots: number, size: number) => {
    let arrived = Promise.withResolvers<void>();
    await swarm.count(size, () => arrived.resolve());
    for (let lot = 0; lot < lots; lot += 1) {
      arrived = Promise.withResolvers();
      await producer.send({ topic, messages: lotOf(size) });
      await inTime(
        () => arrived.promise,
        LOT_DEADLINE_MS,
        () => new Error(`lot ${lot} was not delivered`),
      );
    }
    await swarm.end(lots * size);
  };

  return {
    read: async ({ lots, backlog, idleMs }) => {
      const idle = await costOf(gateways, 1, () => pause(idleMs));
      const idlePerS = { listening: (idle.listening * 1_000) / idleMs, other: (idle.other * 1_000) / idleMs };
      const costs: Cost[] = [];
      for (const size of LOT_SIZES) {
        costs.push(await costOf(gateways, lots * size, () => readLots(lots, size), idlePerS));
      }
      await swarm.count();
      const show = await log.write(lotOf(backlog));
      const readAll = () => Promise.all([swarm.end(backlog), show()]);
      return [...costs, await costOf(gateways, backlog, readAll, idlePerS)];
    },
    stop: async () => {
      await producer.disconnect();
      await stop();
    },
  };
}

function roomOfEachPartition(): readonly number[] {
  const candidates = consecutive(100 * PARTITIONS, 1_001);
  return consecutive(PARTITIONS, 0).map(
    (partition) => candidates.find((roomId) => partitionOf(String(roomId), PARTITIONS) === partition) ?? 0,
  );
}

async function costOf(
  [listening, other]: readonly BuiltApp[],
  records: number,
  work: () => Promise<unknown>,
  idlePerS: Cost = { listening: 0, other: 0 },
): Promise<Cost> {
  if (listening === undefined || other === undefined) throw new RangeError('there are two gateways');
  const usage = () => [usageOf(listening.pid).cpuS, usageOf(other.pid).cpuS] as const;
  const [startedAt, before] = [performance.now(), usage()];
  await work();
  const [wallS, after] = [(performance.now() - startedAt) / 1_000, usage()];
  return {
    listening: (after[0] - before[0] - idlePerS.listening * wallS) / records,
    other: (after[1] - before[1] - idlePerS.other * wallS) / records,
  };
}

function reportOf(measured: Readonly<Record<Feed, readonly Costs[]>>, parameters: Parameters): BenchReport {
  const { rounds, lots, backlog, idleMs } = parameters;
  const us = (costs: readonly number[]) => spreadText(spreadOf(costs), 1e6);
  const labels = [...LOT_SIZES.map(String), `all ${figure(backlog)}`];
  const costsAt = (feed: Feed, index: number) =>
    measured[feed].map((costs) => costs[index] ?? { listening: NaN, other: NaN });
  return {
    about: [
      `${lots} lots of records become visible to two built gateways, each once the one before it is delivered; the records of a lot are of as many of ${PARTITIONS} partitions, so that each is a mail of its own. A client of one gateway listens to all of their rooms, nobody to the other. At last a backlog.`,
      'Judged: CPU of the gateway with full fan-in to which nobody listens. Read: of the other one, with the one delivery. Routed: of both gateways with interest routing, with the same delivery. Sent and taken in: what that is more than read.',
      'CPU is user and system, a record, without what the same process takes at rest, which is measured in each round.',
    ],
    parameters: { rounds, lots, backlog, 'ms at rest': idleMs, partitions: PARTITIONS },
    head: ['records at a time', 'judged µs', 'read µs', 'routed µs', 'sent and taken in µs'],
    rows: labels.map((label, index) => {
      const [full, interest] = [costsAt('full', index), costsAt('interest', index)];
      const routed = interest.map(({ listening, other }) => listening + other);
      const forwarded = routed.map((cost, round) => cost - (full[round]?.listening ?? NaN));
      return [
        label,
        us(full.map(({ other }) => other)),
        us(full.map(({ listening }) => listening)),
        us(routed),
        us(forwarded),
      ];
    }),
    targets: [],
    figures: { measured },
  };
}
