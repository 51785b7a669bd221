import { fallbackUsername, type RoomId, type RoomMemberDTO, type UserId } from '@chat/dto';
import { findOnline, type OnlineUsers } from '../presence/online-users.ts';
import type { RoomsContext } from './change-room.ts';
import { requirePermission } from './permissions.ts';
import { getStanding } from './room-access.ts';
import { memberDtoOf } from './room-dto.ts';

export interface MemberList {
  readonly items: readonly RoomMemberDTO[];
  /** False where nobody could say who is online: then all are shown offline. */
  readonly isPresenceKnown: boolean;
}

/** The members of a room, to its members. */
export async function listMembers(
  { database }: RoomsContext,
  presence: OnlineUsers,
  callerId: UserId,
  roomId: RoomId,
): Promise<MemberList> {
  const { role } = await getStanding(database.repositories, roomId, callerId);
  requirePermission('LIST_MEMBERS', role);
  const members = await database.repositories.members.listMembers(roomId);
  const userIds = members.map(({ userId }) => userId);
  const [usernames, online] = await Promise.all([
    database.repositories.users.usernamesOf(userIds),
    findOnline(presence, userIds),
  ]);
  return {
    isPresenceKnown: online !== null,
    items: members.map((member) =>
      memberDtoOf(
        member,
        usernames.get(member.userId) ?? fallbackUsername(member.userId),
        online?.has(member.userId) ?? false,
      ),
    ),
  };
}
