import type { Ban, Invitation, Member, Room, RoomOfUser } from '@chat/database';
import type { ChatRoomDTO, InvitationDTO, RoomBanDTO, RoomMemberDTO } from '@chat/dto';

export function roomDtoOf(room: Room): ChatRoomDTO {
  return {
    id: room.id,
    name: room.name,
    description: room.description,
    type: room.type,
    status: room.status,
    ownerId: room.ownerId,
    createdAt: room.createdAt.toISOString(),
    updatedAt: room.updatedAt.toISOString(),
    visibility: room.visibility,
    metadata: room.metadata as NonNullable<ChatRoomDTO['metadata']>, // was validated as JSON before it was stored
  };
}

export function roomOfUserDtoOf({ room, lastMessage, unreadCount }: RoomOfUser): ChatRoomDTO {
  return { ...roomDtoOf(room), unreadCount, ...(lastMessage !== null && { lastMessage }) };
}

export function memberDtoOf(member: Member, username: string, isOnline: boolean): RoomMemberDTO {
  return {
    userId: member.userId,
    username,
    role: member.role,
    isOnline,
    joinedAt: member.joinedAt.toISOString(),
  };
}

export function invitationDtoOf({ expiresAt, ...invitation }: Invitation): InvitationDTO {
  return { ...invitation, ...(expiresAt !== null && { expiresAt: expiresAt.toISOString() }) };
}

export function banDtoOf({ reason, createdAt, expiresAt, ...ban }: Ban): RoomBanDTO {
  return {
    ...ban,
    createdAt: createdAt.toISOString(),
    ...(reason !== null && { reason }),
    ...(expiresAt !== null && { expiresAt: expiresAt.toISOString() }),
  };
}
