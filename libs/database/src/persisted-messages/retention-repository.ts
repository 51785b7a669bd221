import type { Sql } from '../connection.ts';

/** How much one statement looks at and removes. */
export interface RemovalBounds {
  readonly rooms: number;
  readonly rowsPerRoom: number;
}

/** What one statement came to. */
export interface Removal {
  readonly removedCount: number;
  /** The last room that was looked at; null behind the last one. */
  readonly upToRoomId: bigint | null;
}

export type RetentionRepository = ReturnType<typeof createRetentionRepository>;

/** Removes old rows of messages: of each room the eldest, and none behind one that stays, so that what is left has no holes. */
export function createRetentionRepository(sql: Sql) {
  return {
    /**
     * The eldest rows of the next rooms that were stored before `before`, with the reactions to what they brought. Counters, marks
     * and joinings stay: `seq` goes on, and what is unread does not change. Raw SQL, for all of it is decided in one snapshot.
     */
    async removeOlder(before: Date, afterRoomId: bigint, { rooms, rowsPerRoom }: RemovalBounds): Promise<Removal> {
      const [row] = await sql.$queryRaw<readonly { removedCount: bigint; upToRoomId: bigint | null }[]>`
        WITH rooms AS MATERIALIZED (
          SELECT room_id FROM room_counters WHERE room_id > ${afterRoomId} ORDER BY room_id LIMIT ${rooms}
        ), old AS MATERIALIZED (
          SELECT eldest.* FROM rooms AS r CROSS JOIN LATERAL (
            SELECT x.*, bool_and(stored_at < ${before}::timestamptz) OVER (ORDER BY epoch, log_offset) AS is_old
            FROM (
              SELECT room_id, epoch, log_offset, id, kind, target_id, stored_at FROM messages
              WHERE room_id = r.room_id ORDER BY epoch, log_offset LIMIT ${rowsPerRoom}
            ) AS x
          ) AS eldest WHERE is_old
        ), removed AS (
          DELETE FROM messages AS m USING old AS o
          WHERE m.room_id = o.room_id AND m.epoch = o.epoch AND m.log_offset = o.log_offset RETURNING 1
        ), gone AS MATERIALIZED ( -- ids under which no text is left
          SELECT DISTINCT room_id, target_id FROM (
            SELECT room_id, CASE WHEN kind IS NULL THEN id ELSE target_id END AS target_id FROM old
            WHERE kind IS NULL OR kind = 'REACTION'
          ) AS t
          WHERE NOT EXISTS (
            SELECT 1 FROM messages AS n WHERE n.room_id = t.room_id AND n.id = t.target_id AND n.kind IS NULL
              AND NOT EXISTS (
                SELECT 1 FROM old AS o WHERE o.room_id = n.room_id AND o.epoch = n.epoch AND o.log_offset = n.log_offset
              )
          )
        ), reacted AS (
          DELETE FROM reactions AS r USING gone AS g WHERE r.room_id = g.room_id AND r.target_id = g.target_id
        ), counted AS (
          DELETE FROM reaction_counts AS c USING gone AS g WHERE c.room_id = g.room_id AND c.target_id = g.target_id
        )
        SELECT (SELECT count(*) FROM removed) AS "removedCount", (SELECT max(room_id) FROM rooms) AS "upToRoomId"`;
      return { removedCount: Number(row?.removedCount ?? 0n), upToRoomId: row?.upToRoomId ?? null };
    },
  };
}
