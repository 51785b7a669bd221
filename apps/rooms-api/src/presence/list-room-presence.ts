import type { Repositories } from '@chat/database';
import { fallbackUsername, type BasicUserInfoDTO, type RoomId, type UserId } from '@chat/dto';
import type { OnlineUsers } from './online-users.ts';

/**
 * Name and presence of the users asked for, or of all members where none are named. Rejects with ROOM_NOT_FOUND, and with
 * UNAVAILABLE while Redis does not answer: other services must not take that for "offline".
 */
export async function listRoomPresence(
  { rooms, memberships, users }: Repositories,
  presence: OnlineUsers,
  roomId: RoomId,
  asked: readonly UserId[] | null,
): Promise<readonly BasicUserInfoDTO[]> {
  const room = rooms.getRoom(roomId);
  const userIds = asked === null ? await room.then(() => memberships.listMemberIds(roomId)) : [...new Set(asked)];
  const [usernames, online] = await Promise.all([users.usernamesOf(userIds), presence.listOnline(userIds), room]);
  return userIds.map((id) => ({
    id,
    username: usernames.get(id) ?? fallbackUsername(id),
    isOnline: online.has(id),
  }));
}
