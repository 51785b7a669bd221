import type { Room } from '@chat/database';
import type { CreateRoomRequest, UserId } from '@chat/dto';
import { eventOf, type RoomsContext } from './change-room.ts';

/** A new room; the caller becomes its owner and first member. */
export async function createRoom(
  { database, clock, onEvents }: RoomsContext,
  callerId: UserId,
  { name, description, type, visibility, metadata }: CreateRoomRequest,
): Promise<Room> {
  const at = new Date(clock.now());
  const room = await database.transaction(async ({ rooms, members, outbox }) => {
    const created = await rooms.createRoom({ name, description, type, visibility, metadata, ownerId: callerId, at });
    const { id: roomId, version } = created;
    await members.addMember({ roomId, userId: callerId, role: 'OWNER', version }, at);
    await outbox.addEvents([
      eventOf({ event: 'ROOM_CREATED', version }, roomId, at),
      eventOf({ event: 'MEMBER_ADDED', userId: callerId, role: 'OWNER', version }, roomId, at),
    ]);
    return created;
  });
  onEvents();
  return room;
}
