import type { MembershipRepository } from '@chat/database';
import type { RoomId, UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { RoomMembers } from '../presence/room-watch.ts';
import { loadTogether } from './load-together.ts';
import type { MembershipSource } from './membership-index.ts';

/** Users whose memberships one statement reads, and how often. */
const TOGETHER = { maxKeys: 200, everyMs: 10 };

/** The tables as the index asks them. What it learns holds as of the room's version in the same snapshot. */
export function createMembershipSource(repository: MembershipRepository): MembershipSource {
  const listMembershipsOf = loadTogether(async (userIds: readonly UserId[]) => {
    const all = await repository.listMembershipsOf(userIds);
    return userIds.map((userId) => all.get(userId) ?? []);
  }, TOGETHER);
  return {
    async listMembershipsOf(userId) {
      const rows = await listMembershipsOf(userId);
      return rows.map(({ roomId, role, roomType, roomStatus, roomVersion }) => {
        return { roomId, userId, role, roomType, roomStatus, version: roomVersion };
      });
    },
    async findAccess(roomId, userId) {
      const access = await repository.findAccess(roomId, userId);
      if (access === null) return { membership: null, isVisible: false };
      const { role, roomType, roomStatus, roomVersion, visibility, isInvited } = access;
      return {
        membership: role === null ? null : { roomId, userId, role, roomType, roomStatus, version: roomVersion },
        isVisible: visibility === 'PUBLIC' || isInvited || role !== null,
      };
    },
  };
}

/** All members of a room with the room's version of the same snapshot. */
export async function loadMembers(repository: MembershipRepository, roomId: RoomId): Promise<RoomMembers> {
  const members = await repository.findMembersAtVersion(roomId);
  if (members === null) throw new ChatError('ROOM_NOT_FOUND');
  return { version: members.roomVersion, memberIds: members.userIds };
}
