import type { Room } from '@chat/database';
import type { RoomId, UpdateRoomRequest, UserId } from '@chat/dto';
import { changeRoom, type RoomChangeContext } from './change-room.ts';
import { requirePermission } from './permissions.ts';
import { requireActive } from './room-access.ts';

/** Changes name, description or metadata; what is left out stays. */
export function updateRoom(
  context: RoomChangeContext,
  callerId: UserId,
  roomId: RoomId,
  { name, description, metadata }: UpdateRoomRequest,
): Promise<Room> {
  return changeRoom(context, { roomId, callerId }, async ({ room, role, stored, at }) => {
    requirePermission('UPDATE_ROOM', role);
    requireActive(room);
    const changed = await stored.rooms.saveRoom(roomId, { name, description, metadata }, at);
    return { value: changed, events: [{ event: 'ROOM_UPDATED', version: changed.version }] };
  });
}
