import { createToken } from '@chat/testing';
import type { Bench, BenchReport, Target } from '../bench.ts';
import { manyRooms, membersOf } from '../fan-out/layouts.ts';
import { spreadText } from '../figures.ts';
import { compileNative } from '../load/compile.ts';
import { openPlainKafka, type PlainResult } from '../load/plain-kafka.ts';
import { Swarm, type Latency } from '../load/swarm.ts';
import { openChat } from '../open-chat.ts';
import { runRounds } from '../rounds.ts';
import { spreadOf } from '../statistics.ts';

const PARTITIONS = 12;
/** What p99 through the gateway may be above that of plain kafkajs, in ms. */
const EXTRA_MS = 1;
const CONTENT_BYTES = 100;
const AT_ONCE = 20;
const FULL = { rounds: 7, warmUpRounds: 3, roundS: 6, clientCount: 100, rates: [50, 2_000] };
const QUICK = { rounds: 1, warmUpRounds: 1, roundS: 0.5, clientCount: 10, rates: [50, 500] };

/** How long a sender waits for its RECEIPT and for its own MESSAGE, against plain kafkajs. */
export const echoBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const { rounds, warmUpRounds, roundS, clientCount, rates } = parameters;
  const program = await compileNative(context.rootDir, 'swarm');
  const layout = manyRooms(clientCount, 1);
  const chat = await openChat(context, { roomIds: layout.roomIds, members: membersOf(layout) });
  const plain = await openPlainKafka(context.kafkaBrokers, PARTITIONS);
  try {
    const { port } = await chat.start('ws-gateway');
    const swarm = new Swarm(program, { port, path: '/ws', dialect: 'stomp' });
    try {
      const clients = layout.roomsOfClients.map((rooms, index) => ({
        rooms,
        token: createToken({ userId: index + 1 }),
      }));
      await swarm.connect(clients, AT_ONCE);
      const measured: Measured[] = [];
      for (const perSecond of rates) {
        context.say(`${perSecond} messages/s`);
        const count = perSecond * roundS;
        const contestants = {
          ours: () => echo(swarm, count, perSecond),
          plain: () => plain.send({ count, perSecond, roomCount: clientCount }),
        };
        measured.push({ perSecond, ...(await runRounds(contestants, rounds, warmUpRounds)) });
      }
      return reportOf(measured, parameters);
    } finally {
      await swarm.stop();
    }
  } finally {
    await plain.stop();
    await chat.stop();
  }
};

interface Measured {
  readonly perSecond: number;
  readonly ours: readonly PlainResult[];
  readonly plain: readonly PlainResult[];
}

async function echo(swarm: Swarm, count: number, perSecond: number): Promise<PlainResult> {
  await swarm.count();
  swarm.send({ count, perSecond, contentBytes: CONTENT_BYTES, wantsReceipts: true });
  return swarm.end(count, count);
}

const WAITS = ['receipt', 'message'] as const;
type Wait = (typeof WAITS)[number];
const SENDERS = ['ours', 'plain'] as const;
const LABELS = {
  ours: { receipt: 'SEND → RECEIPT', message: 'SEND → own MESSAGE' },
  plain: { receipt: 'plain kafkajs: send → acknowledged', message: 'plain kafkajs: send → consumed' },
} as const;

function reportOf(
  measured: readonly Measured[],
  { rounds, warmUpRounds, roundS, clientCount }: typeof FULL,
): BenchReport {
  return {
    about: [
      `Open loop: ${clientCount} clients of the built gateway, each alone in its room, send in turn at fixed times whatever became of what they sent before; latency runs from the intended time of a SEND, asked for with a receipt, to its RECEIPT and to its own MESSAGE.`,
      'Plain kafkajs is a stock producer and consumer in one process, one `producer.send` (acks -1) a record on as many partitions, at the same times; in its favour its latency runs from the call of `send`, so that a late timer of its own does not count.',
      'Nothing is missing, doubled or out of order.',
    ],
    parameters: {
      rounds,
      'rounds to warm up': warmUpRounds,
      's a round': roundS,
      clients: clientCount,
      'content bytes': CONTENT_BYTES,
    },
    head: ['messages/s', 'from → to', 'p50 ms', 'p99 ms', 'longest ms'],
    rows: measured.flatMap((each) =>
      WAITS.flatMap((wait) =>
        SENDERS.map((sender) => [
          String(each.perSecond),
          LABELS[sender][wait],
          ...(['p50Us', 'p99Us', 'maxUs'] as const).map((of) => spreadText(msOf(each[sender], wait, of))),
        ]),
      ),
    ),
    targets: measured.flatMap((each) => WAITS.map((wait) => targetOf(each, wait))),
    figures: Object.fromEntries(measured.map(({ perSecond, ...results }) => [perSecond, results])),
  };
}

function targetOf({ perSecond, ours, plain }: Measured, wait: Wait): Target {
  const extraMs = spreadOf(
    ours.map((result, round) => (result[wait].p99Us - (plain[round]?.[wait].p99Us ?? NaN)) / 1_000),
  );
  return {
    rule: `${perSecond}/s: p99 of ${LABELS.ours[wait]} at most ${EXTRA_MS} ms above that of plain kafkajs`,
    measured: `${spreadText(extraMs)} ms above`,
    isMet: extraMs.median <= EXTRA_MS,
  };
}

function msOf(results: readonly PlainResult[], wait: Wait, of: keyof Latency) {
  return spreadOf(results.map((result) => result[wait][of] / 1_000));
}
