import type { Ban } from '@chat/database';
import type { BanRequest, RoomId, UserId } from '@chat/dto';
import { ChatError, invalidRequest } from '@chat/service-kit';
import { changeRoom, type RoomChangeContext, type RoomChangeOutcome } from './change-room.ts';
import { readExpiry } from './expiry.ts';
import { removalOf, requirePermission } from './permissions.ts';
import { removeFromRoom } from './remove-member.ts';
import { requireGroup } from './room-access.ts';

export interface SavedBan {
  readonly ban: Ban;
  readonly isNew: boolean;
}

/**
 * Nobody lets the user into the room until the ban expires or is lifted: a member is removed, an invitation taken back. Again: the
 * ban is changed. Rejects with FORBIDDEN, OWNER_MUST_STAY, DIRECT_ROOM_FIXED, INVALID_REQUEST.
 */
export function banMember(
  context: RoomChangeContext,
  callerId: UserId,
  roomId: RoomId,
  { userId, reason, expiresAt }: BanRequest & { readonly userId: UserId },
): Promise<SavedBan> {
  return changeRoom(context, { roomId, callerId }, async (under): Promise<RoomChangeOutcome<SavedBan>> => {
    const { role, room, stored, at } = under;
    requirePermission('BAN_MEMBER', role);
    requireGroup(room);
    if (userId === callerId) throw invalidRequest({ field: 'userId', message: 'must be another user' });
    const member = await stored.members.findMember(roomId, userId);
    if (member !== null) requirePermission(removalOf(member.role), role);
    const isNew = (await stored.bans.findBan(roomId, userId, at)) === null;
    const ban = {
      ...{ roomId, userId, bannedBy: callerId, reason: reason ?? null, createdAt: at },
      expiresAt: readExpiry(expiresAt, at),
    };
    await stored.bans.saveBan(ban);
    await stored.invitations.removeInvitation(roomId, userId, at);
    const value = { ban, isNew };
    if (member === null) return { value, events: [] };
    return { value, ...(await removeFromRoom(under, member, { by: callerId, cause: 'BANNED' })) };
  });
}

/** Rejects with BAN_NOT_FOUND. */
export function liftBan(context: RoomChangeContext, callerId: UserId, roomId: RoomId, userId: UserId): Promise<void> {
  return changeRoom(context, { roomId, callerId }, async ({ role, stored, at }) => {
    requirePermission('BAN_MEMBER', role);
    if (!(await stored.bans.removeBan(roomId, userId, at))) throw new ChatError('BAN_NOT_FOUND');
    return { value: undefined, events: [] };
  });
}
