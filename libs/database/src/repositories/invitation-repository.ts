import { asRoomId, asUserId, type MemberRole, type RoomId, type UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';
import type { Room } from './room.ts';
import { roomOf, roomUserKey, unexpiredAt } from './rows.ts';

/** A user may join a private room, with this role; used up by joining. */
export interface Invitation {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly role: Exclude<MemberRole, 'OWNER'>;
  readonly invitedBy: UserId;
  /** Null is for good, as those were that are older than this. */
  readonly expiresAt: Date | null;
}

/** An invitation as the invited sees it. */
export interface OwnInvitation extends Invitation {
  readonly room: Room;
  readonly createdAt: Date;
}

export type InvitationRepository = ReturnType<typeof createInvitationRepository>;

export function createInvitationRepository(sql: Sql) {
  return {
    /** Null also for one that has expired. */
    async findInvitation(roomId: RoomId, userId: UserId, now: Date): Promise<Invitation | null> {
      const row = await sql.invitation.findFirst({ where: { ...roomUserKey(roomId, userId), ...unexpiredAt(now) } });
      return row === null ? null : invitationOf(row);
    },

    /** Those of a user to rooms that are not archived and that have not expired, newest first. */
    async listInvitationsOf(userId: UserId, now: Date, limit: number): Promise<readonly OwnInvitation[]> {
      const rows = await sql.invitation.findMany({
        where: { userId: BigInt(userId), room: { status: 'ACTIVE' }, ...unexpiredAt(now) },
        include: { room: true },
        orderBy: [{ createdAt: 'desc' }, { roomId: 'desc' }],
        take: limit,
      });
      return rows.map((row) => ({ ...invitationOf(row), room: roomOf(row.room), createdAt: row.createdAt }));
    },

    /** Invites, or changes an invitation that is there. */
    async saveInvitation({ roomId, userId, role, invitedBy, expiresAt }: Invitation, createdAt: Date): Promise<void> {
      const change = { role, invitedBy: BigInt(invitedBy), expiresAt };
      const key = roomUserKey(roomId, userId);
      await sql.invitation.upsert({
        where: { roomId_userId: key },
        create: { ...key, ...change, createdAt },
        update: change,
      });
    },

    /** True when there was one that had not expired. */
    async removeInvitation(roomId: RoomId, userId: UserId, now: Date): Promise<boolean> {
      const { count } = await sql.invitation.deleteMany({
        where: { ...roomUserKey(roomId, userId), ...unexpiredAt(now) },
      });
      return count > 0;
    },

    /** Forgets up to `limit` that had expired by then; returns how many. */
    async removeExpired(now: Date, limit: number): Promise<number> {
      return sql.$executeRaw`
        DELETE FROM invitations WHERE (room_id, user_id) IN (
          SELECT room_id, user_id FROM invitations WHERE expires_at <= ${now} ORDER BY expires_at LIMIT ${limit}
        )`;
    },
  };
}

interface InvitationRow {
  readonly roomId: bigint;
  readonly userId: bigint;
  readonly role: string;
  readonly invitedBy: bigint;
  readonly expiresAt: Date | null;
}

function invitationOf({ roomId, userId, role, invitedBy, expiresAt }: InvitationRow): Invitation {
  return {
    roomId: asRoomId(Number(roomId)),
    userId: asUserId(Number(userId)),
    role: role as Invitation['role'], // held to its values by a check of the table
    invitedBy: asUserId(Number(invitedBy)),
    expiresAt,
  };
}
