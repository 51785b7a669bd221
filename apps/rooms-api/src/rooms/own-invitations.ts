import type { OwnInvitationDTO, RoomId, UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { OWN_INVITATIONS_MAX_COUNT } from '../limits.ts';
import type { RoomsContext } from './change-room.ts';
import { roomDtoOf } from './room-dto.ts';

/** The rooms that the caller may join by invitation. */
export async function listOwnInvitations(
  { database, clock }: RoomsContext,
  callerId: UserId,
): Promise<readonly OwnInvitationDTO[]> {
  const { invitations } = database.repositories;
  const own = await invitations.listInvitationsOf(callerId, new Date(clock.now()), OWN_INVITATIONS_MAX_COUNT);
  return own.map(({ room, role, invitedBy, createdAt, expiresAt }) => ({
    room: roomDtoOf(room),
    role,
    invitedBy,
    createdAt: createdAt.toISOString(),
    ...(expiresAt !== null && { expiresAt: expiresAt.toISOString() }),
  }));
}

/** Rejects with INVITATION_NOT_FOUND. */
export async function declineInvitation(
  { database, clock }: RoomsContext,
  callerId: UserId,
  roomId: RoomId,
): Promise<void> {
  const { invitations } = database.repositories;
  const wasThere = await invitations.removeInvitation(roomId, callerId, new Date(clock.now()));
  if (!wasThere) throw new ChatError('INVITATION_NOT_FOUND');
}
