import type { Bench, BenchReport } from '../bench.ts';
import { figure, spreadText } from '../figures.ts';
import { measure, type Taken } from '../measure.ts';
import { runRounds } from '../rounds.ts';
import { ratios, spreadOf } from '../statistics.ts';
import { CONTESTANT_NAMES, openContestants, type ContestantName, type SaveBatch } from './contestants.ts';
import { createLog, ROOM_COUNT, SENDER_COUNT, type Log } from './log.ts';

/** Rows a second of ours, through those of a plain `createMany` that moves the position with it. */
const TARGET_RATIO = 5;
const BATCH_ROWS = [100, 500, 1_000];
const FULL = { rounds: 7, rowsARound: 5_000 };
const QUICK = { rounds: 1, rowsARound: 1_000 };

/**
 * Rows a second and CPU per row of the persister's one statement a batch, side by side with Prisma's `createMany` on the same
 * table.
 */
export const persisterBench: Bench = async ({ databaseUrl, isQuick, say }) => {
  const { rounds, rowsARound } = isQuick ? QUICK : FULL;
  const contestants = await openContestants(databaseUrl);
  try {
    const logs = { statement: createLog(0), plain: createLog(1), createMany: createLog(2) };
    const cells: Cell[] = [];
    for (const batchRows of BATCH_ROWS) {
      say(`batches of ${batchRows}`);
      const play = (name: ContestantName) => () =>
        storeRows(contestants.saves[name], logs[name], { batchRows, batchCount: rowsARound / batchRows });
      const measured = await runRounds(
        { statement: play('statement'), plain: play('plain'), createMany: play('createMany') },
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
  const rateOf = ({ wallS }: Taken) => rowsARound / wallS;
  const cpuOf = ({ cpuS }: Taken) => cpuS / rowsARound;
  const ratioOf = ({ measured }: Cell, name: ContestantName, figureOf: (taken: Taken) => number) =>
    spreadOf(ratios(measured.statement.map(figureOf), measured[name].map(figureOf)));
  const rowsOf = (cell: Cell) =>
    CONTESTANT_NAMES.map((name) => [
      String(cell.batchRows),
      LABELS[name],
      spreadText(spreadOf(cell.measured[name].map(rateOf))),
      spreadText(spreadOf(cell.measured[name].map(cpuOf)), 1e6),
      name === 'statement' ? '' : spreadText(ratioOf(cell, name, rateOf)),
      name === 'statement' ? '' : figure(ratioOf(cell, name, cpuOf).median),
    ]);
  return {
    about: [
      'One writer, batch after batch, into one table with its real indexes. "one statement" is `persistedMessages.saveBatch`: position, repeats left out, numbering, rows, counters of rooms and senders.',
      '"createMany and position" is what a plain implementation does: one transaction of `createMany({skipDuplicates})` and the move of the position. It is given the numbers of its rows and keeps no counters, so it does less.',
      'CPU is that of the writing process, user and system. Postgres runs without fsync: neither side waits for the disk.',
    ],
    parameters: { rounds, 'rows a round': rowsARound, rooms: ROOM_COUNT, senders: SENDER_COUNT },
    head: [
      'rows a batch',
      'how',
      'rows/s',
      'CPU µs/row',
      'rows/s: one statement is times',
      'CPU: one statement is 1 in',
    ],
    rows: cells.flatMap(rowsOf),
    targets: cells.map((cell) => {
      const ratio = ratioOf(cell, 'plain', rateOf);
      return {
        rule: `batches of ${cell.batchRows}: at least ${TARGET_RATIO} times the rows/s of createMany and position`,
        measured: spreadText(ratio),
        isMet: ratio.median >= TARGET_RATIO,
      };
    }),
  };
}

const LABELS: Readonly<Record<ContestantName, string>> = {
  statement: 'one statement',
  plain: 'createMany and position',
  createMany: 'createMany alone',
};
