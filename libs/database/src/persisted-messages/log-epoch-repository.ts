import type { Sql } from '../connection.ts';
import { Prisma } from '../generated/client.ts';

/** A topic as the cluster has it. */
export interface LogTopic {
  /** Its name on the cluster. */
  readonly name: string;
  readonly partitionCount: number;
}

/** A log of chat-messages, as it was when it was opened. A topic made anew, or with other partitions, is another log. */
export interface LogEpoch {
  readonly epoch: number;
  readonly topic: LogTopic;
}

export interface NextLogEpoch {
  /** The epoch that is open until now. */
  readonly closing: number;
  readonly topic: LogTopic;
  /** Partitions whose log goes on: their positions move into the new epoch. The others begin anew. */
  readonly carried: readonly number[];
}

/** Epoch of the first log. */
const FIRST_EPOCH = 1;

export type LogEpochRepository = ReturnType<typeof createLogEpochRepository>;

/** The logs that rows and positions belong to, one after another. */
export function createLogEpochRepository(sql: Sql) {
  const findOpen = async (): Promise<LogEpoch | null> => {
    const row = await sql.logEpoch.findFirst({ where: { closedAt: null }, orderBy: { epoch: 'desc' } });
    return row && { epoch: row.epoch, topic: { name: row.topic, partitionCount: row.partitionCount } };
  };

  return {
    /** The epoch that is open; null before the very first start. */
    findOpen,

    /** The epoch that is open; at the very first start epoch 1 is opened for this topic. */
    async openFirst({ name, partitionCount }: LogTopic): Promise<LogEpoch> {
      await sql.$executeRaw`
        INSERT INTO log_epochs (epoch, topic, partition_count) VALUES (${FIRST_EPOCH}, ${name}, ${partitionCount})
        ON CONFLICT (epoch) DO NOTHING`;
      const open = await findOpen();
      if (open === null) throw new Error('no log epoch is open, though there were some');
      return open;
    },

    /**
     * Closes the open epoch and opens the one after it, all or nothing; its number, or null where `closing` is not the open
     * one any more. Rows stay in the epochs that they were stored in. One statement, and positions that go on are moved and
     * not copied: whoever still stores in the old epoch, and waits for such a position, finds it gone.
     */
    async openNext({ closing, topic, carried }: NextLogEpoch): Promise<number | null> {
      const partitions = carried.length === 0 ? Prisma.sql`NULL` : Prisma.join([...carried]);
      const [opened] = await sql.$queryRaw<readonly { epoch: number }[]>`
        WITH closed AS (
          UPDATE log_epochs SET closed_at = CURRENT_TIMESTAMP WHERE epoch = ${closing} AND closed_at IS NULL RETURNING epoch
        ), moved AS (
          UPDATE log_positions AS p SET epoch = p.epoch + 1 FROM closed
          WHERE p.epoch = closed.epoch AND p.partition IN (${partitions})
        )
        INSERT INTO log_epochs (epoch, topic, partition_count)
        SELECT epoch + 1, ${topic.name}, ${topic.partitionCount} FROM closed RETURNING epoch`;
      return opened?.epoch ?? null;
    },
  };
}
