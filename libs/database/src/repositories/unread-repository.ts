import { asRoomId, asUserId, type LogPosition, type RoomId, type UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';
import { Prisma } from '../generated/client.ts';

/** How many messages of a room a user has not read. */
export interface RoomUnread {
  readonly roomId: RoomId;
  readonly unreadCount: number;
}

/** A user's place in a room. */
export interface MemberKey {
  readonly roomId: RoomId;
  readonly userId: UserId;
}

/** What is unread of a member, and what was stored when that was told: the last record of the room, the member's read mark. */
export interface MemberUnread extends MemberKey {
  readonly unreadCount: number;
  /** Null where the room has no row. */
  readonly storedUpTo: Pick<LogPosition, 'epoch' | 'offset'> | null;
  /** Null where the member has marked nothing as read. */
  readonly readUpTo: Pick<LogPosition, 'epoch' | 'offset'> | null;
}

interface MemberUnreadRow {
  readonly roomId: bigint;
  readonly userId: bigint;
  readonly unreadCount: bigint;
  readonly storedEpoch: number | null;
  readonly storedOffset: bigint | null;
  readonly readEpoch: number | null;
  readonly readOffset: bigint | null;
}

export type UnreadRepository = ReturnType<typeof createUnreadRepository>;

/**
 * What is unread of a membership `own`, and the tables to join for it: what counted in the room less what the member wrote, both
 * since the read mark or the joining, whichever is later. Both only rise with the place in the log, so the greater of each
 * is that of the later place. All of it is of one snapshot, and no row of `messages` is read.
 */
export const UNREAD_COUNT = Prisma.sql`(coalesce(counted.last_seq, 0) - coalesce(greatest(own.joined_seq, mark.read_seq), 0))
  - (coalesce(written.last_ordinal, 0) - coalesce(greatest(own.joined_ordinal, mark.read_ordinal), 0))`;
export const UNREAD_TABLES = Prisma.sql`LEFT JOIN room_counters AS counted ON counted.room_id = own.room_id
  LEFT JOIN sender_counters AS written ON written.room_id = own.room_id AND written.user_id = own.user_id
  LEFT JOIN receipt_marks AS mark ON mark.room_id = own.room_id AND mark.user_id = own.user_id`;

/** How much is unread (DESIGN §5.4): a subtraction of what is stored with the room, the sender, the mark and the membership. */
export function createUnreadRepository(sql: Sql) {
  return {
    /** Every room of the user, by id, those without anything unread too. */
    async listUnreadOf(userId: UserId): Promise<readonly RoomUnread[]> {
      // arrays, for a row an object would cost more than all of the query
      const [row] = await sql.$queryRaw<readonly { roomIds: readonly bigint[]; counts: readonly bigint[] }[]>`
        SELECT coalesce(array_agg(room_id), '{}') AS "roomIds", coalesce(array_agg(unread), '{}') AS counts
        FROM (
          SELECT own.room_id, ${UNREAD_COUNT} AS unread
          FROM memberships AS own ${UNREAD_TABLES}
          WHERE own.user_id = ${BigInt(userId)} ORDER BY own.room_id
        ) AS rooms`;
      const { roomIds = [], counts = [] } = row ?? {};
      return roomIds.map((roomId, at) => ({ roomId: asRoomId(Number(roomId)), unreadCount: Number(counts[at] ?? 0n) }));
    },

    /** What is unread of each of these who is a member. */
    async listUnreadOfMembers(members: readonly MemberKey[]): Promise<readonly MemberUnread[]> {
      const rooms = members.map(({ roomId }) => BigInt(roomId));
      const users = members.map(({ userId }) => BigInt(userId));
      const rows = await sql.$queryRaw<readonly MemberUnreadRow[]>`
        SELECT own.room_id AS "roomId", own.user_id AS "userId", ${UNREAD_COUNT} AS "unreadCount",
          counted.last_epoch AS "storedEpoch", counted.last_log_offset AS "storedOffset",
          mark.read_epoch AS "readEpoch", mark.read_offset AS "readOffset"
        FROM unnest(${rooms}::bigint[], ${users}::bigint[]) AS asked (room_id, user_id)
        JOIN memberships AS own ON own.room_id = asked.room_id AND own.user_id = asked.user_id
        ${UNREAD_TABLES}`;
      return rows.map(memberUnreadOf);
    },
  };
}

function memberUnreadOf(row: MemberUnreadRow): MemberUnread {
  return {
    roomId: asRoomId(Number(row.roomId)),
    userId: asUserId(Number(row.userId)),
    unreadCount: Number(row.unreadCount),
    storedUpTo: placeOf(row.storedEpoch, row.storedOffset),
    readUpTo: placeOf(row.readEpoch, row.readOffset),
  };
}

function placeOf(epoch: number | null, offset: bigint | null): Pick<LogPosition, 'epoch' | 'offset'> | null {
  return epoch === null || offset === null ? null : { epoch, offset: Number(offset) };
}
