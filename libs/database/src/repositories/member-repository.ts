import { asUserId, type MemberRole, type RoomId, type UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { Sql } from '../connection.ts';
import type { Member } from './room.ts';
import { roomUserKey } from './rows.ts';

export interface MemberChange {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly role: MemberRole;
  /** The room's version that this change made. */
  readonly version: number;
}

export type MemberRepository = ReturnType<typeof createMemberRepository>;

/** Members of rooms, as their owners see them. Writers hold the lock of the room's row. */
export function createMemberRepository(sql: Sql) {
  const findMember = async (roomId: RoomId, userId: UserId): Promise<Member | null> => {
    const row = await sql.membership.findUnique({ where: { roomId_userId: roomUserKey(roomId, userId) } });
    return row === null ? null : memberOf(row);
  };

  return {
    findMember,

    /** Throws MEMBER_NOT_FOUND. */
    async getMember(roomId: RoomId, userId: UserId): Promise<Member> {
      const member = await findMember(roomId, userId);
      if (member === null) throw new ChatError('MEMBER_NOT_FOUND');
      return member;
    },

    /** Every member, in the order of joining. */
    async listMembers(roomId: RoomId): Promise<readonly Member[]> {
      const rows = await sql.membership.findMany({
        where: { roomId: BigInt(roomId) },
        orderBy: [{ joinedAt: 'asc' }, { userId: 'asc' }],
      });
      return rows.map(memberOf);
    },

    /** Who is to own the room after its owner: the longest admin, else the longest member; null where there is nobody else. */
    async findHeir(roomId: RoomId, ownerId: UserId): Promise<Member | null> {
      const others = { roomId: BigInt(roomId), userId: { not: BigInt(ownerId) } };
      const orderBy = [{ joinedAt: 'asc' }, { userId: 'asc' }] as const;
      const row =
        (await sql.membership.findFirst({ where: { ...others, role: 'ADMIN' }, orderBy: [...orderBy] })) ??
        (await sql.membership.findFirst({ where: others, orderBy: [...orderBy] }));
      return row === null ? null : memberOf(row);
    },

    /** Members, counted up to `limit`. */
    async countMembers(roomId: RoomId, limit: number): Promise<number> {
      return sql.membership.count({ where: { roomId: BigInt(roomId) }, take: limit });
    },

    /** What was stored of the room by now lies before the joining: by one statement, for its place and its counts belong together. */
    async addMember({ roomId, userId, role, version }: MemberChange, joinedAt: Date): Promise<void> {
      await sql.$executeRaw`
        INSERT INTO memberships (room_id, user_id, role, version, joined_at, joined_epoch, joined_offset, joined_seq, joined_ordinal)
        SELECT e.room_id, e.user_id, ${role}::text, ${BigInt(version)}::bigint, ${joinedAt.toISOString()}::timestamptz, r.last_epoch, r.last_log_offset,
          coalesce(r.last_seq, 0), coalesce(s.last_ordinal, 0)
        FROM (VALUES (${BigInt(roomId)}::bigint, ${BigInt(userId)}::bigint)) AS e (room_id, user_id)
        LEFT JOIN room_counters AS r ON r.room_id = e.room_id
        LEFT JOIN sender_counters AS s ON s.room_id = e.room_id AND s.user_id = e.user_id`;
    },

    async saveRole({ roomId, userId, role, version }: MemberChange): Promise<void> {
      await sql.membership.update({
        where: { roomId_userId: roomUserKey(roomId, userId) },
        data: { role, version: BigInt(version) },
      });
    },

    async removeMember(roomId: RoomId, userId: UserId): Promise<void> {
      await sql.membership.delete({ where: { roomId_userId: roomUserKey(roomId, userId) } });
    },
  };
}

function memberOf({ userId, role, joinedAt }: { userId: bigint; role: string; joinedAt: Date }): Member {
  return { userId: asUserId(Number(userId)), role: role as MemberRole, joinedAt }; // held to its values by a check of the table
}
