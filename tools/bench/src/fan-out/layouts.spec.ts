import { describe, expect, it } from 'vitest';
import { manyRooms, membersOf, oneRoom, overlappingPairs, type Layout } from './layouts.ts';

const sizes = (layout: Layout) => {
  const members = membersOf(layout);
  return layout.roomIds.map((id) => new Set(members.filter(({ roomId }) => roomId === id).map((m) => m.userId)).size);
};

describe('a layout of rooms', () => {
  it.each([oneRoom(1_000), manyRooms(100, 10), overlappingPairs(1_000)])(
    'of $name has as many members a room',
    (layout) => {
      expect(new Set(sizes(layout))).toEqual(new Set([layout.roomSize]));
    },
  );

  it('gives every client of overlapping rooms four of them, with four others', () => {
    const layout = overlappingPairs(20);
    const members = membersOf(layout);
    layout.roomsOfClients.forEach((rooms, index) => {
      const others = members.filter(({ roomId, userId }) => rooms.includes(roomId) && userId !== index + 1);
      expect(new Set(others.map(({ userId }) => userId)).size).toBe(4);
    });
  });
});
