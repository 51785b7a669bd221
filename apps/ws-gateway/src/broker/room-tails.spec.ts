import { asRoomId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { RoomTails } from './room-tails.ts';

const [room, other] = [asRoomId(7), asRoomId(8)];
const tail = (messageId: string, offset: number) => ({ messageId, offset });

describe('room tails', () => {
  it('name the message before, room by room', () => {
    const tails = new RoomTails(100);
    expect(tails.pass(0, room, tail('a', 1))).toBeUndefined();
    expect(tails.pass(0, other, tail('b', 2))).toBeUndefined();
    expect(tails.pass(0, room, tail('c', 3))).toEqual(tail('a', 1));
  });

  it('know no message before one that lies beyond the window', () => {
    const tails = new RoomTails(10);
    tails.pass(0, room, tail('a', 1));
    tails.pass(0, other, tail('b', 20));
    expect(tails.find(0, room)).toBeUndefined();
  });

  it('learn from the rows only what they have not read themselves', () => {
    const tails = new RoomTails(10);
    tails.learn(0, room, tail('a', 1));
    expect(tails.find(0, room)).toEqual(tail('a', 1));
    tails.pass(0, room, tail('b', 5));
    tails.learn(0, room, tail('a', 1));
    expect(tails.find(0, room)).toEqual(tail('b', 5));
  });

  it('count every record that was read', () => {
    const tails = new RoomTails(10);
    expect(tails.nextOffset(0)).toBeUndefined();
    tails.advance(0, 41);
    expect(tails.nextOffset(0)).toBe(42);
  });
});
