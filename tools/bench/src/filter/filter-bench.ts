import { createToken, kafkaUnderTest, type KafkaUnderTest } from '@chat/testing';
import { partitionOf } from '@chat/kafka-contracts';
import type { Bench, BenchContext, BenchReport, Target } from '../bench.ts';
import { consecutive } from '../consecutive.ts';
import { figure, spreadText } from '../figures.ts';
import { openBacklog } from '../load/backlog.ts';
import { compileNative } from '../load/compile.ts';
import { recordOf } from '../load/log-record.ts';
import { startPeer } from '../load/peer.ts';
import { usageOf } from '../load/process-usage.ts';
import { Swarm } from '../load/swarm.ts';
import { openChat } from '../open-chat.ts';
import { runRounds } from '../rounds.ts';
import { ratios, spreadOf } from '../statistics.ts';

/** Of `chat-messages`, where configuration says nothing. */
const PARTITIONS = 12;
/** CPU a record of ours through that of the plain consumer, at most. */
const RATIO_MAX = 1.1;
const DEADLINE_MS = 60_000;
const FULL = { rounds: 7, recordCount: 48_000, roomCount: 1_000 };
const QUICK = { rounds: 1, recordCount: 1_200, roomCount: 100 };
type Parameters = typeof FULL;

/** CPU a record of rooms that nobody here listens to, against a plain consumer of the same records. */
export const filterBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const opened: Reader[] = [];
  try {
    const ours = await openGateway(context, parameters);
    opened.push(ours);
    const plain = await openPlain(context, parameters);
    opened.push(plain);
    context.say('reading backlogs');
    const contestants = { ours: () => readBacklog(ours, parameters), plain: () => readBacklog(plain, parameters) };
    return reportOf(await runRounds(contestants, parameters.rounds), parameters);
  } finally {
    for (const reader of opened) await reader.stop();
  }
};

interface Reader {
  readonly pid: number;
  /** Puts records of nobody's rooms into its log and a last one on each partition; resolves to what shows them to readers. */
  write(recordCount: number): Promise<() => Promise<void>>;
  /** Resolves once it has read the last one of each partition. */
  done(recordCount: number): Promise<void>;
  stop(): Promise<void>;
}

interface ReadResult {
  readonly records: number;
  readonly cpuS: number;
  readonly wallS: number;
}

async function readBacklog({ pid, write, done }: Reader, { recordCount }: Parameters): Promise<ReadResult> {
  const show = await write(recordCount);
  const before = usageOf(pid);
  const startedAt = performance.now();
  await Promise.all([done(recordCount), show()]);
  const wallS = (performance.now() - startedAt) / 1_000;
  return { records: recordCount + PARTITIONS, cpuS: usageOf(pid).cpuS - before.cpuS, wallS };
}

/** One room on each partition, whose only message a round comes last. */
const LAST_ROOMS = [
  ...new Map(consecutive(500, 9_000).map((id) => [partitionOf(String(id), PARTITIONS), id])).values(),
];

/** Writes into a topic of a reader. */
async function openWriter(kafka: KafkaUnderTest, topic: string, { roomCount }: Parameters) {
  const log = await openBacklog(kafka, topic);
  let [n, round] = [0, 0];
  const nobodys = () => recordOf(n, 1_001 + (n % roomCount), Math.floor(n++ / roomCount) + 1);
  return {
    write: (recordCount: number) => {
      round += 1;
      const records = Array.from({ length: recordCount }, nobodys);
      return log.write([...records, ...LAST_ROOMS.map((roomId) => recordOf(n++, roomId, round))]);
    },
    close: log.close,
  };
}

/** The built gateway with one client, who listens to nothing but the rooms of the last messages. */
async function openGateway(context: BenchContext, parameters: Parameters): Promise<Reader> {
  const program = await compileNative(context.rootDir, 'swarm');
  const chat = await openChat(context, {
    roomIds: LAST_ROOMS,
    members: LAST_ROOMS.map((roomId) => ({ roomId, userId: 1 })),
  });
  try {
    const { pid, port } = await chat.start('ws-gateway');
    const swarm = new Swarm(program, { port, path: '/ws', dialect: 'stomp' });
    await swarm.connect([{ rooms: LAST_ROOMS, token: createToken({ userId: 1 }) }], 1);
    const { write, close } = await openWriter(chat.kafka, `${chat.kafka.topicPrefix}chat-messages`, parameters);
    return {
      pid,
      write: async (recordCount) => {
        await swarm.count();
        return write(recordCount);
      },
      done: async () => {
        await swarm.end(PARTITIONS);
      },
      stop: async () => {
        await swarm.stop();
        await close();
        await chat.stop();
      },
    };
  } catch (error) {
    await chat.stop();
    throw error;
  }
}

async function openPlain({ kafkaBrokers }: BenchContext, parameters: Parameters): Promise<Reader> {
  const kafka = await kafkaUnderTest(kafkaBrokers);
  const topic = `${kafka.topicPrefix}plain`;
  await kafka.createTopic(topic, PARTITIONS);
  const consumer = startPeer('plain-consumer.ts', [kafkaBrokers, topic]);
  await consumer.next('ready', DEADLINE_MS);
  const { write, close } = await openWriter(kafka, topic, parameters);
  return {
    pid: consumer.pid,
    write,
    done: async (recordCount) => {
      consumer.tell(`expect ${recordCount + PARTITIONS}`);
      await consumer.next('consumed', DEADLINE_MS);
    },
    stop: async () => {
      await consumer.end();
      await close();
      await kafka.cleanUp();
    },
  };
}

const NAMES = ['ours', 'plain'] as const;
type PerName<Value> = Readonly<Record<(typeof NAMES)[number], Value>>;
const LABELS: PerName<string> = { ours: 'ws-gateway', plain: 'plain kafkajs consumer' };

function reportOf(measured: PerName<readonly ReadResult[]>, parameters: Parameters): BenchReport {
  const { rounds, recordCount, roomCount } = parameters;
  return {
    about: [
      `${figure(recordCount)} records of rooms that nobody listens to, and one on each of the ${PARTITIONS} partitions for the only client, become visible at once; CPU is that of the process from there to the last of those.`,
      'The plain consumer is stock kafkajs with `eachBatch`, on a topic of its own with the same records. It counts them and does nothing else: it parses no value and remembers nothing.',
      'ws-gateway judges every record, listened to or not: whether it counts, whether it repeats an earlier one, what came before it in its room.',
    ],
    parameters: { rounds, records: recordCount, rooms: roomCount, partitions: PARTITIONS },
    head: ['reader', 'CPU µs/record', 'records/CPU-s', 'times plain', 'records/s'],
    rows: NAMES.map((name) => [
      LABELS[name],
      spreadText(spreadOf(measured[name].map(cpuARecord)), 1e6),
      spreadText(spreadOf(measured[name].map((result) => 1 / cpuARecord(result)))),
      spreadText(spreadOf(ratios(measured[name].map(cpuARecord), measured.plain.map(cpuARecord)))),
      figure(spreadOf(measured[name].map(({ records, wallS }) => records / wallS)).median),
    ]),
    targets: [targetOf(measured)],
    figures: measured,
  };
}

function targetOf({ ours, plain }: PerName<readonly ReadResult[]>): Target {
  const ratio = spreadOf(ratios(ours.map(cpuARecord), plain.map(cpuARecord)));
  return {
    rule: `at most ${RATIO_MAX} times the CPU a record of the plain consumer`,
    measured: spreadText(ratio),
    isMet: ratio.median <= RATIO_MAX,
  };
}

const cpuARecord = ({ cpuS, records }: ReadResult) => cpuS / records;
