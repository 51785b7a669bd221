import type { Member } from '@chat/database';
import type { MemberRole, RoomId, UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { changeRoom, type RoomChangeOutcome, type RoomChangeContext, type RoomUnderChange } from './change-room.ts';
import { requirePermission } from './permissions.ts';
import { requireActive, requireGroup } from './room-access.ts';

/** Gives a member another role. OWNER hands the room over: the owner so far becomes an admin. */
export function changeRole(
  context: RoomChangeContext,
  callerId: UserId,
  roomId: RoomId,
  { userId, role }: { readonly userId: UserId; readonly role: MemberRole },
): Promise<Member> {
  return changeRoom(context, { roomId, callerId }, async (under): Promise<RoomChangeOutcome<Member>> => {
    requirePermission('CHANGE_ROLE', under.role);
    requireActive(under.room);
    requireGroup(under.room);
    const member = await under.stored.members.getMember(roomId, userId);
    if (member.role === role) return { value: member, events: [] };
    if (member.role === 'OWNER') throw new ChatError('OWNER_MUST_STAY');
    const value = { ...member, role };
    return { value, events: await (role === 'OWNER' ? handOver(under, userId) : give(under, userId, role)) };
  });
}

async function give({ room, stored }: RoomUnderChange, userId: UserId, role: MemberRole) {
  const version = await stored.rooms.raiseVersion(room.id);
  await stored.members.saveRole({ roomId: room.id, userId, role, version });
  return [{ event: 'ROLE_CHANGED', userId, role, version }] as const;
}

/** Makes a member the owner; the owner so far becomes an admin. */
export async function handOver({ room, stored, at }: RoomUnderChange, userId: UserId) {
  const { version } = await stored.rooms.saveRoom(room.id, { ownerId: userId }, at);
  const former = { userId: room.ownerId, role: 'ADMIN', version } as const;
  const next = { userId, role: 'OWNER', version } as const;
  await stored.members.saveRole({ roomId: room.id, ...former });
  await stored.members.saveRole({ roomId: room.id, ...next });
  return [
    { event: 'ROLE_CHANGED', ...former },
    { event: 'ROLE_CHANGED', ...next },
  ] as const;
}
