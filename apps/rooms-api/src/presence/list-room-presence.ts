import type { Repositories } from '@chat/database';
import { fallbackUsername, type BasicUserInfoDTO, type RoomId, type UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { OnlineUsers } from './online-users.ts';

/**
 * Name and presence of the users asked for, or of all members where none are named. Rejects with ROOM_NOT_FOUND, and with
 * UNAVAILABLE while Redis does not answer: other services must not take that for "offline".
 */
export async function listRoomPresence(
  stored: Repositories,
  presence: OnlineUsers,
  roomId: RoomId,
  asked: readonly UserId[] | null,
): Promise<readonly BasicUserInfoDTO[]> {
  const userIds = asked === null ? await listMembers(stored, roomId) : [...new Set(asked)];
  const [usernames, online] = await Promise.all([
    stored.users.usernamesAskedIn(roomId, userIds),
    presence.listOnline(userIds),
  ]);
  if (usernames === null) throw new ChatError('ROOM_NOT_FOUND');
  return userIds.map((id) => ({
    id,
    username: usernames.get(id) ?? fallbackUsername(id),
    isOnline: online.has(id),
  }));
}

async function listMembers({ rooms, memberships }: Repositories, roomId: RoomId): Promise<readonly UserId[]> {
  await rooms.getRoom(roomId);
  return memberships.listMemberIds(roomId);
}
