import type { RoomNotificationDTO, UnreadDTO } from '@chat/dto';
import type { Unread } from '../api.ts';

export const UNKNOWN_UNREAD: Unread = { total: null, byRoom: new Map() };

/** What REST answered, with the notifications that came while it was asked: their word is newer, or another one follows. */
export function unreadOf({ rooms }: UnreadDTO, meanwhile: readonly RoomNotificationDTO[]): Unread {
  const byRoom = new Map<number, number>(rooms.map(({ roomId, unreadCount }) => [roomId, unreadCount]));
  return meanwhile.reduce(applyNotification, summed(byRoom));
}

/** A notification replaces what is known of its room; one without a count says nothing of it. */
export function applyNotification(before: Unread, { roomId, unreadCount }: RoomNotificationDTO): Unread {
  if (unreadCount === undefined || before.total === null) return before;
  return summed(new Map(before.byRoom).set(roomId, unreadCount));
}

function summed(counts: ReadonlyMap<number, number>): Unread {
  const byRoom = new Map([...counts].filter(([, count]) => count > 0));
  return { total: [...byRoom.values()].reduce((sum, count) => sum + count, 0), byRoom };
}
