import type { Repositories } from '@chat/database';
import type { UnreadDTO, UserId } from '@chat/dto';

/** How much the caller has not read, room by room and in all. */
export async function countUnread({ unread }: Pick<Repositories, 'unread'>, callerId: UserId): Promise<UnreadDTO> {
  const rooms = await unread.listUnreadOf(callerId);
  return { total: rooms.reduce((total, { unreadCount }) => total + unreadCount, 0), rooms: [...rooms] };
}
