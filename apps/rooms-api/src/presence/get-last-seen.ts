import type { LastSeenRepository } from '@chat/database';
import type { LastSeenDTO, RoomId, UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';

/** Up to when the user has seen the room. Rejects with LAST_SEEN_NOT_FOUND. */
export async function getLastSeen(
  lastSeen: Pick<LastSeenRepository, 'findLastSeen'>,
  roomId: RoomId,
  userId: UserId,
): Promise<LastSeenDTO> {
  const seen = await lastSeen.findLastSeen(roomId, userId);
  if (seen === null) throw new ChatError('LAST_SEEN_NOT_FOUND');
  return { chatRoomId: roomId, userId, lastSeenAt: seen.lastSeenAt.toISOString() };
}
