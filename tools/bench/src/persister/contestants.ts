import { openDatabase, type DatabaseService } from '@chat/database';
import { createConnection, type Connection } from '@chat/database/connection';
import { createLogger } from '@chat/service-kit';
import { databaseUnderTest } from '@chat/testing';
import type { NumberedBatch, NumberedRow } from './log.ts';

export const CONTESTANT_NAMES = ['statement', 'plain', 'createMany'] as const;
export type ContestantName = (typeof CONTESTANT_NAMES)[number];

/** Stores all rows of a batch; rejects when it stored fewer. */
export type SaveBatch = (batch: NumberedBatch) => Promise<void>;

const EPOCH = 1;
const PARTITIONS = [0, 1, 2];
/** Of the last record of a batch; as long as a real one. */
const SOME_DIGEST = '0'.repeat(64);
/** Nothing may be ended for taking long, in ms. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** Three ways to store batches, on one database of their own, with one connection each. */
export async function openContestants(templateUrl: string) {
  const database = await databaseUnderTest(templateUrl);
  const logger = createLogger('bench', { level: 'silent', instanceId: 'bench' });
  const ours = openDatabase({
    databaseUrl: database.url,
    logger,
    databasePoolMax: 1,
    databaseStatementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  const peer = createConnection({
    url: database.url,
    logger,
    poolMax: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    applicationName: 'bench',
  });
  await ours.repositories.logEpochs.openFirst({ name: 'chat-messages', partitionCount: PARTITIONS.length });
  for (const partition of PARTITIONS) await ours.repositories.persistedMessages.openPosition(EPOCH, partition, 0);
  return {
    saves: { statement: byStatement(ours), plain: byPlainTransaction(peer), createMany: byCreateMany(peer) },
    close: async () => {
      await ours.stop();
      await peer.prisma.$disconnect();
      await peer.pool.end();
      await database.cleanUp();
    },
  };
}

function byStatement({ repositories }: DatabaseService): SaveBatch {
  return async (batch) => {
    const last = { offset: batch.next - 1, digest: SOME_DIGEST };
    const inserted = await repositories.persistedMessages.saveBatch({ epoch: EPOCH, last, ...batch });
    requireAll(batch, inserted ?? 0);
  };
}

function byPlainTransaction({ prisma }: Connection): SaveBatch {
  return async (batch) => {
    const { partition, expected, next, rows } = batch;
    const data = rows.map((row) => dataOf(row, partition));
    const [inserted, moved] = await prisma.$transaction([
      prisma.message.createMany({ data, skipDuplicates: true }),
      prisma.logPosition.updateMany({
        where: { epoch: EPOCH, partition, nextOffset: BigInt(expected) },
        data: { nextOffset: BigInt(next) },
      }),
    ]);
    requireAll(batch, moved.count === 1 ? inserted.count : 0);
  };
}

function byCreateMany({ prisma }: Connection): SaveBatch {
  return async (batch) => {
    const data = batch.rows.map((row) => dataOf(row, batch.partition));
    const { count } = await prisma.message.createMany({ data });
    requireAll(batch, count);
  };
}

function requireAll({ rows }: NumberedBatch, stored: number): void {
  if (stored !== rows.length) throw new Error(`${stored} of ${rows.length} rows were stored`);
}

/** A row as Prisma takes it. */
function dataOf(row: NumberedRow, partition: number) {
  return {
    roomId: BigInt(row.roomId),
    epoch: EPOCH,
    partition,
    logOffset: BigInt(row.logOffset),
    seq: BigInt(row.seq),
    senderOrdinal: BigInt(row.senderOrdinal),
    id: BigInt(row.id),
    senderId: BigInt(row.senderId),
    content: row.content,
    type: row.type,
    kind: row.kind,
    sentAt: new Date(row.sentAtMs),
    eventId: row.eventId,
    clientMessageId: row.clientMessageId,
  };
}
