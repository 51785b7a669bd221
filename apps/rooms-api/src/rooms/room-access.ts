import type { Ban, Repositories, Room } from '@chat/database';
import type { MemberRole, RoomId, UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';

/** How a user stands to a room. */
export interface RoomStanding {
  readonly role: MemberRole | null;
  readonly isInvited: boolean;
  readonly isBanned: boolean;
}

/** Throws ROOM_NOT_FOUND where the room is private and the user neither member nor invited: it does not show that it is there. */
export function requireVisible(room: Pick<Room, 'visibility'>, { role, isInvited, isBanned }: RoomStanding): void {
  if (room.visibility === 'PRIVATE' && role === null && (!isInvited || isBanned)) throw new ChatError('ROOM_NOT_FOUND');
}

/** Throws ROOM_ARCHIVED. */
export function requireActive(room: Pick<Room, 'status'>): void {
  if (room.status === 'ARCHIVED') throw new ChatError('ROOM_ARCHIVED');
}

/** Throws DIRECT_ROOM_FIXED for rooms whose members never change. */
export function requireGroup(room: Pick<Room, 'type'>): void {
  if (room.type === 'DIRECT') throw new ChatError('DIRECT_ROOM_FIXED');
}

/** How the user stands to a room that they may see. Rejects with ROOM_NOT_FOUND. */
export async function getStanding(
  { memberships }: Pick<Repositories, 'memberships'>,
  roomId: RoomId,
  userId: UserId,
): Promise<RoomStanding> {
  const access = await memberships.findAccess(roomId, userId);
  if (access === null) throw new ChatError('ROOM_NOT_FOUND');
  requireVisible(access, access);
  return access;
}

/** Throws BANNED, with until when. */
export function requireNoBan(ban: Pick<Ban, 'userId' | 'expiresAt'> | null): void {
  if (ban === null) return;
  const until = ban.expiresAt === null ? 'for good' : `until ${ban.expiresAt.toISOString()}`;
  throw new ChatError('BANNED', { message: `User ${ban.userId} is banned from this room ${until}.` });
}
