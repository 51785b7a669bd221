import { kafkaUnderTest } from '@chat/testing';
import type { Bench, BenchContext, BenchReport, Target } from '../bench.ts';
import { figure, spreadText } from '../figures.ts';
import { percentile, ratios, spreadOf } from '../statistics.ts';
import { loadHistory, readsOf, ROOM_COUNT, type LoadedHistory } from './load-history.ts';
import { openRepository, openRest, PAGE_LIMIT, type PageReader } from './page-readers.ts';
import { pageRequest, PERCENT } from './page-requests.ts';

/** p99 on the large table, through that on the small one, by REST. */
const TARGET_RATIO = 1.5;
/** A page looks up its cursor's row, and one row more than it shows tells whether there are more. */
const ROWS_READ_MAX = PAGE_LIMIT + 2;
const FULL = { smallRows: 10_000, largeRows: 10_000_000, rounds: 7, pagesARound: 2_000 };
const QUICK = { smallRows: 1_000, largeRows: 20_000, rounds: 1, pagesARound: 50 };

/** Whether a page of history costs the same however much history there is: REST and the repository alone. */
export const historyBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const small = await load(context, parameters.smallRows);
  const large = await load(context, parameters.largeRows);
  try {
    const rest = await readByRest(context, { small, large }, parameters);
    context.say('the repository alone');
    const repository = await readRounds({ small, large }, openRepository(small), openRepository(large), parameters);
    const pages = 2 * (parameters.rounds + 1) * parameters.pagesARound;
    return reportOf({ rest, repository }, parameters, await readTarget(large, pages));
  } finally {
    await small.database.cleanUp();
    await large.database.cleanUp();
  }
};

interface Sides<Value> {
  readonly small: Value;
  readonly large: Value;
}

/** How long each page took, in ms, and how many messages the pages had in all. */
interface Round {
  readonly tookMs: readonly number[];
  readonly messageCount: number;
}

async function load({ databaseUrl, say }: BenchContext, rowCount: number): Promise<LoadedHistory> {
  const startedAt = performance.now();
  const history = await loadHistory(databaseUrl, rowCount);
  say(`${rowCount.toLocaleString('en-US')} rows loaded in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return history;
}

async function readByRest(context: BenchContext, sides: Sides<LoadedHistory>, parameters: typeof FULL) {
  const { rootDir, logDir, redisUrl, kafkaBrokers, say } = context;
  const kafka = await kafkaUnderTest(kafkaBrokers);
  const open = (name: keyof Sides<unknown>) =>
    openRest(sides[name], {
      name: `rooms-api-${name}`,
      rootDir,
      logDir,
      redisUrl,
      kafkaBrokers,
      topicPrefix: kafka.topicPrefix,
    });
  try {
    const small = await open('small');
    const large = await open('large');
    say('REST');
    return await readRounds(sides, small, large, parameters);
  } finally {
    await kafka.cleanUp();
  }
}

/** Page by page in turns, so that whatever slows the machine down slows both; a first round does not count. Closes both. */
async function readRounds(
  { small, large }: Sides<LoadedHistory>,
  smallReader: PageReader,
  largeReader: PageReader,
  { rounds, pagesARound }: typeof FULL,
): Promise<Sides<readonly Round[]>> {
  const measured = { small: [] as Round[], large: [] as Round[] };
  for (let round = -1; round < rounds; round++) {
    const [smallRound, largeRound] = [startRound(small, smallReader), startRound(large, largeReader)];
    for (let page = 0; page < pagesARound; page++) {
      const order = page % 2 === 0 ? [smallRound, largeRound] : [largeRound, smallRound];
      for (const { readOne } of order) await readOne();
    }
    if (round < 0) continue;
    measured.small.push(smallRound.result());
    measured.large.push(largeRound.result());
  }
  await Promise.all([smallReader.close(), largeReader.close()]);
  return measured;
}

function startRound({ cursors }: LoadedHistory, reader: PageReader) {
  const tookMs: number[] = [];
  let messageCount = 0;
  return {
    async readOne(): Promise<void> {
      const request = pageRequest(cursors, Math.random(), Math.random());
      const startedAt = performance.now();
      messageCount += await reader.read(request);
      tookMs.push(performance.now() - startedAt);
    },
    result: (): Round => ({ tookMs, messageCount }),
  };
}

/** Judges how the pages were found in the large table by Postgres's own count of what it read. */
async function readTarget(large: LoadedHistory, pageCount: number): Promise<Target> {
  const { wholeTableScans, rowsByIndex } = await readsOf(large);
  const rowsAPage = rowsByIndex / pageCount;
  return {
    rule: `every page of the large table is a range of an index: no scan of the table, at most ${ROWS_READ_MAX} rows read a page`,
    measured: `${wholeTableScans} scans, ${figure(rowsAPage)} rows a page`,
    isMet: wholeTableScans === 0 && rowsAPage > 0 && rowsAPage <= ROWS_READ_MAX,
  };
}

type Measured = Readonly<Record<'rest' | 'repository', Sides<readonly Round[]>>>;

function reportOf(measured: Measured, parameters: typeof FULL, reads: Target): BenchReport {
  const { smallRows, largeRows, rounds, pagesARound } = parameters;
  const rowOf = (how: string, rowCount: number, taken: readonly Round[]) => [
    how,
    rowCount.toLocaleString('en-US'),
    spreadText(spreadOf(at(taken, 50))),
    spreadText(spreadOf(at(taken, 99))),
    figure(spreadOf(taken.map(({ messageCount }) => messageCount / pagesARound)).median),
  ];
  const { rest, repository } = measured;
  const growth = spreadOf(ratios(at(rest.large, 99), at(rest.small, 99)));
  const alone = spreadOf(ratios(at(repository.large, 99), at(repository.small, 99)));
  return {
    about: [
      `GET of messages, ${PERCENT.before} % before and ${PERCENT.after} % after a random message of all, the others the newest; one reader, one page after the other, the two tables in turns.`,
      `${ROOM_COUNT} rooms: one has 70 % of the rows, ten 2 % each, twenty 0.5 % each; rows lie in the order of the log, rooms mixed. "REST" is the built rooms-api as a process per table.`,
      `p99 of the repository alone on the large table is ${spreadText(alone)} times that on the small one.`,
    ],
    parameters: { rounds, 'pages a round and table': pagesARound, limit: PAGE_LIMIT },
    head: ['how', 'rows', 'p50 ms', 'p99 ms', 'messages a page'],
    rows: [
      rowOf('REST', smallRows, rest.small),
      rowOf('REST', largeRows, rest.large),
      rowOf('repository', smallRows, repository.small),
      rowOf('repository', largeRows, repository.large),
    ],
    targets: [
      {
        rule: `p99 by REST on the large table at most ${TARGET_RATIO} times that on the small one`,
        measured: spreadText(growth),
        isMet: growth.median <= TARGET_RATIO,
      },
      reads,
    ],
  };
}

/** That percentile of each round. */
function at(taken: readonly Round[], percent: number): readonly number[] {
  return taken.map(({ tookMs }) => percentile(tookMs, percent));
}
