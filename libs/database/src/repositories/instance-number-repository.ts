import type { Sql } from '../connection.ts';
import { Prisma } from '../generated/client.ts';
import { MESSAGE_ID_EPOCH_MS, TICK_MS } from '../message-ids/layout.ts';

/** An instance number and the ticks in which its holder may make ids: from `from`, below `until`. */
export interface TickInterval {
  readonly number: number;
  readonly from: number;
  readonly until: number;
}

export type InstanceNumberRepository = ReturnType<typeof createInstanceNumberRepository>;

/** The tick that it is by Postgres's clock. */
const NOW_TICK = Prisma.sql`floor((extract(epoch FROM clock_timestamp()) * 1000 - ${MESSAGE_ID_EPOCH_MS}) / ${TICK_MS})::bigint`;

/** The 512 instance numbers. One row is one number, so Postgres's row lock decides between instances; no clock does. */
export function createInstanceNumberRepository(sql: Sql) {
  return {
    /**
     * Takes a number that nobody holds, or whose holder's interval is over, for `ticks` from now. It begins where the
     * last holder's interval ended. Prefers numbers whose interval is long over, so that ids stay near the clock. Null
     * where all are held.
     */
    async acquireNumber(holder: string, ticks: number): Promise<TickInterval | null> {
      const [row] = await sql.$queryRaw<readonly { number: number; from: bigint; until: bigint }[]>`
        WITH free AS (
          SELECT number, until_tick FROM instance_numbers, (SELECT ${NOW_TICK} AS tick) AS now
          WHERE holder IS NULL OR until_tick <= now.tick
          ORDER BY until_tick, number LIMIT 1 FOR UPDATE OF instance_numbers SKIP LOCKED
        )
        UPDATE instance_numbers AS n
        SET holder = ${holder}::uuid, heeding_holder = ${holder}::uuid, until_tick = greatest(free.until_tick, ${NOW_TICK}) + ${ticks}
        FROM free WHERE n.number = free.number
        RETURNING n.number, free.until_tick AS "from", n.until_tick AS "until"`;
      return row === undefined ? null : { number: row.number, from: Number(row.from), until: Number(row.until) };
    },

    /**
     * How many hold a number and are of a build that heeds no revocations. One that was killed counts until its interval is over.
     */
    async countUnheedingHolders(): Promise<number> {
      const [row] = await sql.$queryRaw<readonly { count: bigint }[]>`
        SELECT count(*) FROM instance_numbers
        WHERE holder IS DISTINCT FROM heeding_holder AND holder IS NOT NULL AND until_tick > ${NOW_TICK}`;
      return Number(row?.count ?? 0n);
    },

    /** Moves the end to `ticks` from now, never back; the new end, or null where the number has another holder by now. */
    async extendNumber(number: number, holder: string, ticks: number): Promise<number | null> {
      const [row] = await sql.$queryRaw<readonly { until: bigint }[]>`
        UPDATE instance_numbers SET until_tick = greatest(until_tick, ${NOW_TICK} + ${ticks})
        WHERE number = ${number} AND holder = ${holder}::uuid RETURNING until_tick AS "until"`;
      return row === undefined ? null : Number(row.until);
    },

    /** Gives the number back; ids from tick `unusedFrom` on were not made, so that the next holder begins there. */
    async releaseNumber(number: number, holder: string, unusedFrom: number): Promise<void> {
      await sql.$executeRaw`
        UPDATE instance_numbers SET holder = NULL, until_tick = least(until_tick, ${unusedFrom}::bigint)
        WHERE number = ${number} AND holder = ${holder}::uuid`;
    },
  };
}
