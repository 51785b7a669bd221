import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { partitionOf } from '@chat/kafka-contracts';
import type { Bench, BenchReport } from '../bench.ts';
import { figure, spreadText } from '../figures.ts';
import { runRounds } from '../rounds.ts';
import { ratios, spreadOf } from '../statistics.ts';
import { openContestants, type Contestant, type Sample } from './contestants.ts';
import { keepInFlight, type LoopResult } from './keep-in-flight.ts';

const PARTITIONS = 12;
const CONTENT_CHARACTERS = 100;
const WAITING_COUNTS = [1, 10, 100];
const FULL = { rounds: 7, roundMs: 1_000 };
const QUICK = { rounds: 1, roundMs: 100 };

/**
 * Throughput and CPU per message of the ordered publisher with 1, 10 and 100 messages on their way, against one stock
 * `producer.send` a message with as many on their way.
 */
export const publisherBench: Bench = async ({ kafkaBrokers, isQuick, say }) => {
  const { rounds, roundMs } = isQuick ? QUICK : FULL;
  const contestants = await openContestants(kafkaBrokers, PARTITIONS);
  try {
    const cells: Cell[] = [];
    for (const partitions of [1, PARTITIONS]) {
      for (const waiting of WAITING_COUNTS) {
        say(`${waiting} waiting, ${partitions} partitions`);
        const rooms = roomsOn(partitions);
        const play = (contestant: Contestant) => () =>
          keepInFlight((n) => contestant.publish(sampleOf(n, rooms)), { count: waiting, durationMs: roundMs });
        const measured = await runRounds({ ours: play(contestants.ours), plain: play(contestants.plain) }, rounds);
        cells.push({ partitions, waiting, ...measured });
      }
    }
    return reportOf(cells, { rounds, roundMs });
  } finally {
    await contestants.close();
  }
};

interface Cell {
  readonly partitions: number;
  readonly waiting: number;
  readonly ours: readonly LoopResult[];
  readonly plain: readonly LoopResult[];
}

function reportOf(cells: readonly Cell[], { rounds, roundMs }: typeof FULL): BenchReport {
  return {
    about: [
      'Closed loop: so many messages are always on their way; each is followed by the next once it is acknowledged by all replicas.',
      '"ours" is `OrderedPublisher.publish`, "plain" one stock `producer.send` a message (acks -1, its own partitioner), with the same key, value and headers. Plain sends may overtake each other; ours keep the order of a partition.',
      'Both run in one process, so plain profits from our guard against the 1 ms timers of kafkajs. CPU is that of the process, user and system.',
    ],
    parameters: { rounds, 'ms a round': roundMs, 'characters of content': CONTENT_CHARACTERS },
    head: [
      'partitions',
      'waiting',
      'ours msg/s',
      'plain msg/s',
      'ratio',
      'ours CPU µs/msg',
      'plain CPU µs/msg',
      'ratio',
    ],
    rows: cells.map(rowOf),
    targets: [],
  };
}

function rowOf({ partitions, waiting, ours, plain }: Cell): readonly string[] {
  const [oursRate, plainRate] = [ours.map(rateOf), plain.map(rateOf)];
  const [oursCpu, plainCpu] = [ours.map(cpuOf), plain.map(cpuOf)];
  return [
    String(partitions),
    String(waiting),
    spreadText(spreadOf(oursRate)),
    spreadText(spreadOf(plainRate)),
    figure(spreadOf(ratios(oursRate, plainRate)).median),
    spreadText(spreadOf(oursCpu), 1e6),
    spreadText(spreadOf(plainCpu), 1e6),
    figure(spreadOf(ratios(oursCpu, plainCpu)).median),
  ];
}

const rateOf = ({ count, wallS }: LoopResult) => count / wallS;
const cpuOf = ({ count, cpuS }: LoopResult) => cpuS / count;

/** One room on each of so many partitions. */
function roomsOn(partitionCount: number): readonly number[] {
  const rooms = new Map<number, number>();
  for (let room = 1; rooms.size < partitionCount; room++) {
    const partition = partitionOf(String(room), PARTITIONS);
    if (!rooms.has(partition)) rooms.set(partition, room);
  }
  return [...rooms.values()];
}

const content = 'x'.repeat(CONTENT_CHARACTERS);
const at = '2026-01-01T00:00:00Z';

/** The nth message, for room after room. */
function sampleOf(n: number, rooms: readonly number[]): Sample {
  const id = asMessageId(n + 1);
  const roomId = asRoomId(rooms[n % rooms.length] ?? 1);
  return {
    message: { id, senderId: asUserId(1), roomId, content, type: 'GROUP', timestamp: at },
    metadata: {
      id: String(id),
      source: 'bench',
      time: at,
      headers: { 'client-message-id': `c-${id}`, 'sender-id': '1' },
    },
  };
}
