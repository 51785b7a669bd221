import type { ChatRoomDTO, TimelineMessage } from '@chat/client';

/** A room of the user as the list shows it. */
export interface ListedRoom {
  readonly id: number;
  readonly name: string;
  readonly isDirect: boolean;
  readonly last: LastMessage | null;
}

export interface LastMessage {
  readonly id: number;
  readonly senderId: number;
  readonly content: string;
  readonly at: string;
}

/** Of a message, what the list shows. */
export type NewText = Pick<TimelineMessage, 'id' | 'senderId' | 'content' | 'timestamp'>;

/** The list as the service tells it, newest activity first. */
export function listed(rooms: readonly ChatRoomDTO[]): readonly ListedRoom[] {
  return rooms.map(({ id, name, type, lastMessage }) => ({
    id,
    name,
    isDirect: type === 'DIRECT',
    last: lastMessage === undefined ? null : lastOf(lastMessage),
  }));
}

/** The list after a message in one of its rooms, which moves to the top; null where the room is not in it. */
export function withMessage(
  rooms: readonly ListedRoom[],
  roomId: number,
  message: NewText,
): readonly ListedRoom[] | null {
  const room = rooms.find(({ id }) => id === roomId);
  if (room === undefined) return null;
  return [{ ...room, last: lastOf(message) }, ...rooms.filter((one) => one !== room)];
}

function lastOf({ id, senderId, content, timestamp }: NewText): LastMessage {
  return { id, senderId, content, at: timestamp };
}
