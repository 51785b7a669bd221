import type { Repositories, Room } from '@chat/database';
import {
  DIRECT_ROOM_MEMBERS_MAX_COUNT,
  ROOM_MEMBERS_MAX_COUNT,
  type MemberRole,
  type RoomId,
  type UserId,
} from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { changeRoomInTurn, type RoomChangeContext, type RoomsContext, type RoomUnderChange } from './change-room.ts';
import { getStanding, requireActive, requireNoBan } from './room-access.ts';

/**
 * Makes the caller a member; a member joining again changes nothing. An invitation is used up and gives its role. Rejects
 * with ROOM_NOT_FOUND (also for a private room without invitation), BANNED, ROOM_ARCHIVED, ROOM_FULL.
 */
export function joinRoom(context: RoomChangeContext, callerId: UserId, roomId: RoomId): Promise<Room> {
  return context.turns.run(roomId, context.signal, async () => {
    const { repositories } = context.database;
    const { role } = await getStanding(repositories, roomId, callerId);
    return role === null ? becomeMember(context, callerId, roomId) : repositories.rooms.getRoom(roomId);
  });
}

function becomeMember(context: RoomsContext, callerId: UserId, roomId: RoomId): Promise<Room> {
  return changeRoomInTurn(context, { roomId, callerId }, async (under) => {
    if (under.role !== null) return { value: under.room, events: [] }; // by another instance, since we looked
    if (under.isBanned) requireNoBan(await under.stored.bans.findBan(roomId, callerId, under.at));
    requireActive(under.room);
    await requireSpace(under);
    return { value: under.room, events: [await addCaller(under, callerId)] };
  });
}

async function addCaller({ room, isInvited, stored, at }: RoomUnderChange, callerId: UserId) {
  const role = isInvited ? await useInvitation(stored, room.id, callerId, at) : 'MEMBER';
  const version = await stored.rooms.raiseVersion(room.id);
  await stored.members.addMember({ roomId: room.id, userId: callerId, role, version }, at);
  return { event: 'MEMBER_ADDED', userId: callerId, role, version } as const;
}

async function useInvitation(
  { invitations }: Repositories,
  roomId: RoomId,
  userId: UserId,
  at: Date,
): Promise<MemberRole> {
  const invitation = await invitations.findInvitation(roomId, userId, at);
  await invitations.removeInvitation(roomId, userId, at);
  return invitation?.role ?? 'MEMBER';
}

/** Throws ROOM_FULL or DIRECT_ROOM_FIXED. Under the room's lock, so that the last place is given once. */
export async function requireSpace({ room, stored }: Pick<RoomUnderChange, 'room' | 'stored'>): Promise<void> {
  const max = room.type === 'DIRECT' ? DIRECT_ROOM_MEMBERS_MAX_COUNT : ROOM_MEMBERS_MAX_COUNT;
  const count = await stored.members.countMembers(room.id, max);
  if (count < max) return;
  if (room.type === 'DIRECT') throw new ChatError('DIRECT_ROOM_FIXED');
  throw new ChatError('ROOM_FULL', {
    message: `The room has ${ROOM_MEMBERS_MAX_COUNT} members, as many as it may have.`,
  });
}
