import type { RoomId, UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';
import { roomUserKey } from './rows.ts';

export interface LastSeen {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly lastSeenAt: Date;
}

export type LastSeenRepository = ReturnType<typeof createLastSeenRepository>;

/**
 * Up to when users have seen rooms; never goes back, whatever order the writes come in. What comes late of a user whose data are or were
 * erased is not kept: nothing of a time up to a minute after their sessions were ended, for clocks differ.
 */
export function createLastSeenRepository(sql: Sql) {
  return {
    async saveLastSeen(entries: readonly LastSeen[]): Promise<void> {
      if (entries.length === 0) return;
      const rooms = entries.map(({ roomId }) => BigInt(roomId));
      const users = entries.map(({ userId }) => BigInt(userId));
      const instants = entries.map(({ lastSeenAt }) => lastSeenAt.toISOString());
      await sql.$executeRaw`
        INSERT INTO last_seen (room_id, user_id, last_seen_at)
        SELECT room_id, user_id, max(last_seen_at)
        FROM unnest(${rooms}::bigint[], ${users}::bigint[], ${instants}::timestamptz[]) AS e (room_id, user_id, last_seen_at)
        WHERE NOT EXISTS (
          SELECT 1 FROM erasures AS x WHERE x.user_id = e.user_id
            AND (x.completed_at IS NULL OR e.last_seen_at <= coalesce(x.sessions_ended_at, x.completed_at) + interval '1 minute')
        )
        GROUP BY room_id, user_id ORDER BY room_id, user_id -- one order for all writers, or two could wait for each other
        ON CONFLICT (room_id, user_id)
        DO UPDATE SET last_seen_at = greatest(last_seen.last_seen_at, excluded.last_seen_at)`;
    },

    async findLastSeen(roomId: RoomId, userId: UserId): Promise<LastSeen | null> {
      const row = await sql.lastSeen.findUnique({ where: { roomId_userId: roomUserKey(roomId, userId) } });
      return row === null ? null : { roomId, userId, lastSeenAt: row.lastSeenAt };
    },
  };
}
