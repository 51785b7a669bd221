import type { MemberRole, RoomId, UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { changeRoom, type RoomChangeOutcome, type RoomChangeContext, type RoomUnderChange } from './change-room.ts';
import { removalOf, requirePermission } from './permissions.ts';
import { removalMessageOf } from './removal-message.ts';
import { requireGroup } from './room-access.ts';

/**
 * The caller leaves, or takes somebody else out of the room, or takes an invitation back. Also in an archived room. Rejects
 * with OWNER_MUST_STAY, DIRECT_ROOM_FIXED, NOT_A_MEMBER, FORBIDDEN, MEMBER_NOT_FOUND.
 */
export function removeMember(
  context: RoomChangeContext,
  callerId: UserId,
  roomId: RoomId,
  userId: UserId,
): Promise<void> {
  return changeRoom(context, { roomId, callerId }, async (under): Promise<RoomChangeOutcome<undefined>> => {
    const isSelf = userId === callerId;
    if (!isSelf) requirePermission('REMOVE_MEMBER', under.role);
    const member = await under.stored.members.findMember(roomId, userId);
    if (member === null) return withdrawInvitation(under, userId);
    requireGroup(under.room);
    requireRemovable(under.role, member.role, isSelf);
    const version = await under.stored.rooms.raiseVersion(roomId);
    await under.stored.members.removeMember(roomId, userId);
    const removal = { userId, by: callerId, cause: isSelf ? 'LEFT' : 'REMOVED', version } as const;
    return {
      value: undefined,
      events: [{ event: 'MEMBER_REMOVED', userId, role: member.role, version }],
      messages: [await removalMessageOf(under, removal)],
    };
  });
}

function requireRemovable(callerRole: MemberRole | null, memberRole: MemberRole, isSelf: boolean): void {
  const action = removalOf(memberRole);
  if (!isSelf) requirePermission(action, callerRole);
}

/** The invited may decline theirs; owner and admins may take any back. */
async function withdrawInvitation(
  { room, stored }: RoomUnderChange,
  userId: UserId,
): Promise<RoomChangeOutcome<undefined>> {
  if (await stored.invitations.removeInvitation(room.id, userId)) return { value: undefined, events: [] };
  throw new ChatError('MEMBER_NOT_FOUND');
}
