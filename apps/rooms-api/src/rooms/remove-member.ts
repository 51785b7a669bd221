import type { Member } from '@chat/database';
import type { MemberRole, RoomId, UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { changeRoom, type RoomChangeOutcome, type RoomChangeContext, type RoomUnderChange } from './change-room.ts';
import { removalOf, requirePermission } from './permissions.ts';
import { removalMessageOf, type Removal } from './removal-message.ts';
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
    const cause = isSelf ? 'LEFT' : 'REMOVED';
    return { value: undefined, ...(await removeFromRoom(under, member, { by: callerId, cause })) };
  });
}

/** Takes the member out; what is to be told of it. */
export async function removeFromRoom(
  under: RoomUnderChange,
  { userId, role }: Member,
  { by, cause }: Pick<Removal, 'by' | 'cause'>,
): Promise<Omit<RoomChangeOutcome<unknown>, 'value'>> {
  const { room, stored } = under;
  const version = await stored.rooms.raiseVersion(room.id);
  await stored.members.removeMember(room.id, userId);
  return {
    events: [{ event: 'MEMBER_REMOVED', userId, role, version }],
    messages: [await removalMessageOf(under, { userId, by, cause, version })],
  };
}

function requireRemovable(callerRole: MemberRole | null, memberRole: MemberRole, isSelf: boolean): void {
  const action = removalOf(memberRole);
  if (!isSelf) requirePermission(action, callerRole);
}

/** The invited may decline theirs; owner and admins may take any back. */
async function withdrawInvitation(
  { room, stored, at }: RoomUnderChange,
  userId: UserId,
): Promise<RoomChangeOutcome<undefined>> {
  if (await stored.invitations.removeInvitation(room.id, userId, at)) return { value: undefined, events: [] };
  throw new ChatError('MEMBER_NOT_FOUND');
}
