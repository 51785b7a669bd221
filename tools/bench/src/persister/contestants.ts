import { openDatabase, type DatabaseService } from '@chat/database';
import { createConnection, type Connection } from '@chat/database/connection';
import { createLogger } from '@chat/service-kit';
import { databaseUnderTest } from '@chat/testing';
import type { NumberedBatch } from './log.ts';

export const CONTESTANT_NAMES = ['statement', 'createMany', 'transaction', 'array'] as const;
export type ContestantName = (typeof CONTESTANT_NAMES)[number];

/** Stores all rows of a batch; rejects when it stored fewer. */
export type SaveBatch = (batch: NumberedBatch) => Promise<void>;

const EPOCH = 1;
/** Of the last record of a batch; as long as a real one. */
const SOME_DIGEST = '0'.repeat(64);
/** Nothing may be ended for taking long, in ms. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** Four ways to store batches, on one database of their own, with one connection each. */
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
  await ours.repositories.logEpochs.openFirst({ name: 'chat-messages', partitionCount: CONTESTANT_NAMES.length });
  for (const partition of CONTESTANT_NAMES.keys())
    await ours.repositories.persistedMessages.openPosition(EPOCH, partition, 0);
  return {
    saves: {
      statement: byStatement(ours),
      createMany: byCreateMany(peer),
      transaction: byTransaction(peer),
      array: byArray(peer),
    },
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

function byTransaction({ prisma }: Connection): SaveBatch {
  return (batch) =>
    prisma.$transaction(async (sql) => {
      await sql.logPosition.update(moveOf(batch));
      const { count } = await sql.message.createMany({ data: dataOf(batch), skipDuplicates: true });
      requireAll(batch, count);
    });
}

function byArray({ prisma }: Connection): SaveBatch {
  return async (batch) => {
    const [, { count }] = await prisma.$transaction([
      prisma.logPosition.update(moveOf(batch)),
      prisma.message.createMany({ data: dataOf(batch), skipDuplicates: true }),
    ]);
    requireAll(batch, count);
  };
}

function byCreateMany({ prisma }: Connection): SaveBatch {
  return async (batch) => {
    const { count } = await prisma.message.createMany({ data: dataOf(batch) });
    requireAll(batch, count);
  };
}

function requireAll({ rows }: NumberedBatch, stored: number): void {
  if (stored !== rows.length) throw new Error(`${stored} of ${rows.length} rows were stored`);
}

/** Rejects, and so takes back what else is in the transaction, where the position is not there any more. */
function moveOf({ partition, expected, next }: NumberedBatch) {
  return {
    where: { epoch_partition: { epoch: EPOCH, partition }, nextOffset: BigInt(expected) },
    data: { nextOffset: BigInt(next) },
  };
}

/** The rows as Prisma takes them. */
function dataOf({ rows, partition }: NumberedBatch) {
  return rows.map((row) => ({
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
  }));
}
