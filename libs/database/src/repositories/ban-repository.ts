import { asRoomId, asUserId, type RoomId, type UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';
import { roomUserKey, unexpiredAt } from './rows.ts';

/** A user may not be in the room; until `expiresAt`, or for good. */
export interface Ban {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly bannedBy: UserId;
  readonly reason: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

export type BanRepository = ReturnType<typeof createBanRepository>;

/** Bans of rooms. Writers hold the lock of the room's row. */
export function createBanRepository(sql: Sql) {
  return {
    /** Null also for one that has expired. */
    async findBan(roomId: RoomId, userId: UserId, now: Date): Promise<Ban | null> {
      const row = await sql.ban.findUnique({ where: { roomId_userId: roomUserKey(roomId, userId) } });
      return row === null || (row.expiresAt !== null && row.expiresAt <= now) ? null : banOf(row);
    },

    /** The newest that have not expired, newest first. */
    async listBans(roomId: RoomId, now: Date, limit: number): Promise<readonly Ban[]> {
      const rows = await sql.ban.findMany({
        where: { roomId: BigInt(roomId), ...unexpiredAt(now) },
        orderBy: [{ createdAt: 'desc' }, { userId: 'desc' }],
        take: limit,
      });
      return rows.map(banOf);
    },

    /** Bans, or changes the ban that is there. */
    async saveBan({ roomId, userId, bannedBy, ...about }: Ban): Promise<void> {
      const key = roomUserKey(roomId, userId);
      const change = { ...about, bannedBy: BigInt(bannedBy) };
      await sql.ban.upsert({ where: { roomId_userId: key }, create: { ...key, ...change }, update: change });
    },

    /** True when there was one that had not expired. */
    async removeBan(roomId: RoomId, userId: UserId, now: Date): Promise<boolean> {
      const where = { ...roomUserKey(roomId, userId), ...unexpiredAt(now) };
      return (await sql.ban.deleteMany({ where })).count > 0;
    },

    /** Forgets up to `limit` that had expired by then; returns how many. */
    async removeExpired(now: Date, limit: number): Promise<number> {
      return sql.$executeRaw`
        DELETE FROM bans WHERE (room_id, user_id) IN (
          SELECT room_id, user_id FROM bans WHERE expires_at <= ${now} ORDER BY expires_at LIMIT ${limit}
        )`;
    },
  };
}

interface BanRow extends Pick<Ban, 'reason' | 'createdAt' | 'expiresAt'> {
  readonly roomId: bigint;
  readonly userId: bigint;
  readonly bannedBy: bigint;
}

function banOf({ roomId, userId, bannedBy, reason, createdAt, expiresAt }: BanRow): Ban {
  return {
    roomId: asRoomId(Number(roomId)),
    userId: asUserId(Number(userId)),
    bannedBy: asUserId(Number(bannedBy)),
    ...{ reason, createdAt, expiresAt },
  };
}
