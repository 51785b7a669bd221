import type { Room } from '@chat/database';
import type { RoomId, UserId } from '@chat/dto';
import type { RoomsContext } from './change-room.ts';
import { getStanding } from './room-access.ts';

/** A room that the caller may see. Rejects with ROOM_NOT_FOUND. */
export async function getRoom({ database }: RoomsContext, callerId: UserId, roomId: RoomId): Promise<Room> {
  await getStanding(database.repositories, roomId, callerId);
  return database.repositories.rooms.getRoom(roomId);
}
