import { kafkaUnderTest } from '@chat/testing';
import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { figure, spreadText } from '../figures.ts';
import { runRounds } from '../rounds.ts';
import { percentile, spreadOf } from '../statistics.ts';
import { loadRooms, MEMBER_COUNT, type LoadedRooms } from './load-rooms.ts';
import { openCounting, openRepository, openRest, type UnreadReader } from './unread-readers.ts';

/** p99 by REST, in ms. */
const TARGET_MS = 30;
const FULL = { rooms: 1_000, messagesARoom: 1_000, rounds: 7, requestsARound: 500, countsARound: 5 };
const QUICK = { rooms: 50, messagesARoom: 50, rounds: 1, requestsARound: 20, countsARound: 2 };

/** What one contestant took for each answer, in ms, and what all of its answers came to. */
interface Measurement {
  readonly tookMs: readonly number[];
  readonly totals: ReadonlySet<number>;
}
type Name = 'rest' | 'repository' | 'counting';

/** What a member of 1,000 rooms has not read: REST, the repository alone, and rows counted one by one. */
export const unreadBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const loaded = await loadRooms(context.databaseUrl, parameters.rooms, parameters.messagesARoom);
  context.say(`${parameters.rooms} rooms loaded, ${loaded.markCount} marks in ${figure(loaded.markedInMs)} ms`);
  try {
    return reportOf(await measureAll(context, loaded, parameters), loaded, parameters);
  } finally {
    await loaded.database.cleanUp();
  }
};

async function measureAll(context: BenchContext, { database }: LoadedRooms, parameters: typeof FULL) {
  const { rootDir, logDir, redisUrl, kafkaBrokers } = context;
  const kafka = await kafkaUnderTest(kafkaBrokers);
  const { topicPrefix } = kafka;
  const places = { rootDir, logDir, redisUrl, kafkaBrokers, topicPrefix, databaseUrl: database.url };
  const rest = await openRest({ ...places, name: 'rooms-api' });
  const repository = openRepository(database);
  const counting = openCounting(database);
  const { rounds, requestsARound, countsARound } = parameters;
  try {
    return await runRounds<Name, Measurement>(
      {
        rest: () => measure(rest, requestsARound),
        repository: () => measure(repository, requestsARound),
        counting: () => measure(counting, countsARound),
      },
      rounds,
    );
  } finally {
    await Promise.all([rest.close(), repository.close()]);
    await kafka.cleanUp();
  }
}

async function measure(reader: UnreadReader, count: number): Promise<Measurement> {
  const tookMs: number[] = [];
  const totals = new Set<number>();
  for (let request = 0; request < count; request++) {
    const startedAt = performance.now();
    totals.add(await reader.readTotal());
    tookMs.push(performance.now() - startedAt);
  }
  return { tookMs, totals };
}

function reportOf(
  measured: Readonly<Record<Name, readonly Measurement[]>>,
  { markCount, markedInMs }: LoadedRooms,
  parameters: typeof FULL,
): BenchReport {
  const at = (name: Name, percent: number) => spreadOf(measured[name].map(({ tookMs }) => percentile(tookMs, percent)));
  const rowOf = (how: string, name: Name) => [how, spreadText(at(name, 50)), spreadText(at(name, 99))];
  const totals = new Set(Object.values(measured).flatMap((all) => all.flatMap((each) => [...each.totals])));
  const { rooms, messagesARoom, rounds, requestsARound } = parameters;
  return {
    about: [
      `GET of what is unread by a member of ${rooms.toLocaleString('en-US')} rooms; one reader, one request after the other. "REST" is the built rooms-api as a process, the repository alone is the same without HTTP, in this process.`,
      `${MEMBER_COUNT} members a room, all of whom write in turns; each has marked a message at random as read in each room.`,
      `"counting" counts the rows of others behind the mark of each room; its p99 is its longest.`,
      `message-persister's statement stored the ${markCount.toLocaleString('en-US')} marks, 1,000 at a time, at ${figure((1_000 * markedInMs) / markCount)} µs a mark.`,
    ],
    parameters: { rounds, 'messages stored': rooms * messagesARoom, 'requests a round': requestsARound },
    head: ['how', 'p50 ms', 'p99 ms'],
    rows: [rowOf('REST', 'rest'), rowOf('repository', 'repository'), rowOf('counting', 'counting')],
    targets: [
      {
        rule: `p99 by REST at most ${TARGET_MS} ms`,
        measured: spreadText(at('rest', 99)),
        isMet: at('rest', 99).median <= TARGET_MS,
      },
      {
        rule: 'all answers are what counting says',
        measured: totals.size === 1 ? 'they are' : `${totals.size} different ones`,
        isMet: totals.size === 1,
      },
    ],
  };
}
