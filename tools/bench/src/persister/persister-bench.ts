import type { Bench, BenchReport, Target } from '../bench.ts';
import { spreadText } from '../figures.ts';
import { measure, type Taken } from '../measure.ts';
import { runRounds } from '../rounds.ts';
import { ratios, spreadOf, type Spread } from '../statistics.ts';
import { CONTESTANT_NAMES, openContestants, type ContestantName, type SaveBatch } from './contestants.ts';
import { createLog, ROOM_COUNT, SENDER_COUNT, type Log } from './log.ts';

/** Rows a second of ours, through those of a peer. */
const TARGET_RATIO = 5;
/** What it is demanded against: what the target names, and what it takes to move the position with the rows. */
const TARGET_PEERS: readonly ContestantName[] = ['createMany', 'transaction'];
/** And from batches of how many rows on: what a persister that is behind stores. */
const TARGET_FROM_ROWS = 500;
const BATCH_ROWS = [100, 500, 1_000];
const FULL = { rounds: 7, rowsARound: 5_000 };
const QUICK = { rounds: 1, rowsARound: 1_000 };

const LABELS: Readonly<Record<ContestantName, string>> = {
  statement: 'one statement',
  createMany: 'createMany alone',
  transaction: 'position and createMany',
  array: 'the same as an array',
};

/**
 * Rows a second and CPU per row of the persister's one statement a batch, side by side with Prisma's `createMany` on the same
 * table.
 */
export const persisterBench: Bench = async ({ databaseUrl, isQuick, say }) => {
  const { rounds, rowsARound } = isQuick ? QUICK : FULL;
  const contestants = await openContestants(databaseUrl);
  try {
    const logs = { statement: createLog(0), createMany: createLog(1), transaction: createLog(2), array: createLog(3) };
    const cells: Cell[] = [];
    for (const batchRows of BATCH_ROWS) {
      say(`batches of ${batchRows}`);
      const play = (name: ContestantName) => () =>
        storeRows(contestants.saves[name], logs[name], { batchRows, batchCount: rowsARound / batchRows });
      const measured = await runRounds(
        {
          statement: play('statement'),
          createMany: play('createMany'),
          transaction: play('transaction'),
          array: play('array'),
        },
        rounds,
      );
      cells.push({ batchRows, measured });
    }
    return reportOf(cells, { rounds, rowsARound });
  } finally {
    await contestants.close();
  }
};

/** Batches are made before the clock starts; what a contestant makes of them counts. */
async function storeRows(
  save: SaveBatch,
  log: Log,
  { batchRows, batchCount }: { readonly batchRows: number; readonly batchCount: number },
): Promise<Taken> {
  const batches = Array.from({ length: batchCount }, () => log.nextBatch(batchRows));
  return measure(async () => {
    for (const batch of batches) await save(batch);
  });
}

interface Cell {
  readonly batchRows: number;
  readonly measured: Readonly<Record<ContestantName, readonly Taken[]>>;
}

function reportOf(cells: readonly Cell[], { rounds, rowsARound }: typeof FULL): BenchReport {
  return {
    about: [
      'One writer, batch after batch, into one table with its real indexes. "one statement" is `persistedMessages.saveBatch`: position, repeats left out, numbers, rows, counters of rooms and senders.',
      '"position and createMany" is the plain way to do that: a transaction that moves the position, or fails, and inserts with `skipDuplicates`. It is given the numbers of its rows and keeps no counters, so it does less. "the same as an array" hands both to `$transaction` as an array, which costs Prisma a third of the CPU; it stands here without a target.',
      'CPU is that of the writing process, user and system. Postgres runs without fsync: nobody waits for the disk.',
    ],
    parameters: { rounds, 'rows a round': rowsARound, rooms: ROOM_COUNT, senders: SENDER_COUNT },
    head: ['rows a batch', 'how', 'rows/s', 'CPU µs/row', 'one statement: times its rows/s', 'times its CPU'],
    rows: cells.flatMap((cell) => CONTESTANT_NAMES.map((name) => rowOf(cell, name, rowsARound))),
    targets: cells.filter(({ batchRows }) => batchRows >= TARGET_FROM_ROWS).flatMap(targetsOf),
  };
}

function rowOf(cell: Cell, name: ContestantName, rowCount: number): readonly string[] {
  const taken = cell.measured[name];
  return [
    String(cell.batchRows),
    LABELS[name],
    spreadText(spreadOf(taken.map(({ wallS }) => rowCount / wallS))),
    spreadText(spreadOf(taken.map(({ cpuS }) => cpuS / rowCount)), 1e6),
    ...(name === 'statement' ? ['', ''] : [spreadText(speedup(cell, name)), spreadText(cpuRatio(cell, name))]),
  ];
}

function targetsOf(cell: Cell): readonly Target[] {
  return TARGET_PEERS.map((peer) => ({
    rule: `batches of ${cell.batchRows}: at least ${TARGET_RATIO} times the rows/s of "${LABELS[peer]}"`,
    measured: spreadText(speedup(cell, peer)),
    isMet: speedup(cell, peer).median >= TARGET_RATIO,
  }));
}

/** Every round has as many rows, so its seconds are enough. */
function speedup({ measured }: Cell, peer: ContestantName): Spread {
  return spreadOf(
    ratios(
      measured[peer].map(({ wallS }) => wallS),
      measured.statement.map(({ wallS }) => wallS),
    ),
  );
}

function cpuRatio({ measured }: Cell, peer: ContestantName): Spread {
  return spreadOf(
    ratios(
      measured.statement.map(({ cpuS }) => cpuS),
      measured[peer].map(({ cpuS }) => cpuS),
    ),
  );
}
