import type { RoomId, UserId } from '@chat/dto';
import { changeRoom, type RoomChangeContext } from './change-room.ts';
import { requirePermission } from './permissions.ts';

/** Closes the room for good: its history stays readable to its members. Again: no change. */
export function archiveRoom(context: RoomChangeContext, callerId: UserId, roomId: RoomId): Promise<void> {
  return changeRoom(context, { roomId, callerId }, async ({ room, role, stored, at }) => {
    requirePermission('ARCHIVE_ROOM', role);
    if (room.status === 'ARCHIVED') return { value: undefined, events: [] };
    const { version } = await stored.rooms.saveRoom(roomId, { status: 'ARCHIVED' }, at);
    return { value: undefined, events: [{ event: 'ROOM_ARCHIVED', version }] };
  });
}
