import type { RoomId, UserId } from '@chat/dto';
import type { OpenSession } from '../broker/gateway.ts';
import { DONE, type Outcome } from '../broker/outcome.ts';
import type { Membership } from '../membership/membership-index.ts';

export interface LeaveRoomOptions {
  /** Rejects with a ChatError for who is no member, and while the database does not answer. */
  readonly findMembership: (roomId: RoomId, userId: UserId) => Promise<Membership>;
  /** The user was in the room's tab up to now. */
  readonly exited: (session: OpenSession, roomId: RoomId) => void;
}

/** Use case of `/app/unsubscribe/chat_rooms/{roomId}`: a member left the tab of a room; last seen moves. */
export async function leaveRoom(
  session: OpenSession,
  roomId: RoomId,
  { findMembership, exited }: LeaveRoomOptions,
): Promise<Outcome> {
  await findMembership(roomId, session.userId);
  exited(session, roomId);
  return DONE;
}
