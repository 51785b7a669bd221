import type { Repositories, Room } from '@chat/database';
import type { MemberRole, UserId } from '@chat/dto';
import { ChatError, invalidRequest } from '@chat/service-kit';
import { eventOf, type RoomsContext } from './change-room.ts';

export interface OpenedRoom {
  readonly room: Room;
  readonly isNew: boolean;
}

/** The one direct room of two users, made where there is none. Rejects with INVALID_REQUEST for a room with oneself. */
export async function openDirectRoom(
  context: RoomsContext,
  callerId: UserId,
  otherUserId: UserId,
): Promise<OpenedRoom> {
  if (callerId === otherUserId) throw invalidRequest({ field: 'userId', message: 'must be another user' });
  const { database, clock, onEvents } = context;
  const existing = await database.repositories.rooms.findDirectRoom(callerId, otherUserId);
  if (existing !== null) return { room: existing, isNew: false };
  const at = new Date(clock.now());
  const room = await database.transaction((stored) => createDirectRoom(stored, callerId, otherUserId, at));
  if (room !== null) onEvents();
  else return { room: await getExisting(database.repositories, callerId, otherUserId), isNew: false };
  return { room, isNew: true };
}

/** Null where another caller was faster. */
async function createDirectRoom(
  { rooms, members, outbox }: Repositories,
  ownerId: UserId,
  otherUserId: UserId,
  at: Date,
): Promise<Room | null> {
  const room = await rooms.createDirectRoom({ ownerId, otherUserId, at });
  if (room === null) return null;
  const { id: roomId, version } = room;
  await outbox.addEvents([eventOf({ event: 'ROOM_CREATED', version }, roomId, at)]);
  const both: readonly (readonly [UserId, MemberRole])[] = [
    [ownerId, 'OWNER'],
    [otherUserId, 'MEMBER'],
  ];
  for (const [userId, role] of both) {
    await members.addMember({ roomId, userId, role, version }, at);
    await outbox.addEvents([eventOf({ event: 'MEMBER_ADDED', userId, role, version }, roomId, at)]);
  }
  return room;
}

/** The one that was faster has committed by then: the insert waited for it. */
async function getExisting({ rooms }: Repositories, callerId: UserId, otherUserId: UserId): Promise<Room> {
  const room = await rooms.findDirectRoom(callerId, otherUserId);
  if (room === null) throw new ChatError('ROOM_NOT_FOUND');
  return room;
}
