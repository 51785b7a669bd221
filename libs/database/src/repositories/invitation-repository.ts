import { asUserId, type MemberRole, type RoomId, type UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';

/** A user may join a private room, with this role; used up by joining. */
export interface Invitation {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly role: Exclude<MemberRole, 'OWNER'>;
  readonly invitedBy: UserId;
}

export type InvitationRepository = ReturnType<typeof createInvitationRepository>;

export function createInvitationRepository(sql: Sql) {
  return {
    async findInvitation(roomId: RoomId, userId: UserId): Promise<Invitation | null> {
      const row = await sql.invitation.findUnique({ where: { roomId_userId: keyOf(roomId, userId) } });
      if (row === null) return null;
      const role = row.role as Invitation['role']; // held to its values by a check of the table
      return { roomId, userId, role, invitedBy: asUserId(Number(row.invitedBy)) };
    },

    /** Invites, or changes role and inviter of an invitation that is there. */
    async saveInvitation({ roomId, userId, role, invitedBy }: Invitation, createdAt: Date): Promise<void> {
      const change = { role, invitedBy: BigInt(invitedBy) };
      const key = keyOf(roomId, userId);
      await sql.invitation.upsert({
        where: { roomId_userId: key },
        create: { ...key, ...change, createdAt },
        update: change,
      });
    },

    /** True when there was one. */
    async removeInvitation(roomId: RoomId, userId: UserId): Promise<boolean> {
      const { count } = await sql.invitation.deleteMany({ where: keyOf(roomId, userId) });
      return count > 0;
    },
  };
}

function keyOf(roomId: RoomId, userId: UserId) {
  return { roomId: BigInt(roomId), userId: BigInt(userId) };
}
