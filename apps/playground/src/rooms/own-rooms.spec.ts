import { ChatRoomDTOSchema, MessageDTOSchema } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { listed, withMessage } from './own-rooms.ts';

const at = '2026-01-01T00:00:00Z';
const room = (id: number, lastMessage?: unknown) =>
  ChatRoomDTOSchema.parse({
    ...{ id, name: `room ${id}`, description: '', type: 'GROUP', status: 'ACTIVE', ownerId: 1 },
    ...{ createdAt: at, updatedAt: at, lastMessage },
  });
const message = MessageDTOSchema.parse({ id: 9, senderId: 2, roomId: 2, content: 'Hi', type: 'GROUP', timestamp: at });

describe('the list of rooms', () => {
  const rooms = listed([room(1), room(2), room(3, message)]);

  it('has them in the order of the service, with their last messages', () => {
    expect(rooms.map(({ id, last }) => [id, last?.content])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 'Hi'],
    ]);
  });

  it('has the room of a new message first', () => {
    const moved = withMessage(rooms, 2, message);
    expect(moved?.map(({ id }) => id)).toEqual([2, 1, 3]);
    expect(moved?.[0]?.last).toEqual({ id: 9, senderId: 2, content: 'Hi', at });
  });

  it('does not know of a room that is not in it', () => {
    expect(withMessage(rooms, 4, message)).toBeNull();
  });
});
