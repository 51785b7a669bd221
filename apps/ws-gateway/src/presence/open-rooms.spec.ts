import { asRoomId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { OpenRooms } from './open-rooms.ts';

const [seven, eight] = [asRoomId(7), asRoomId(8)];

describe('the open rooms of a session', () => {
  it('make the room entered last the active one', () => {
    const open = new OpenRooms();
    open.enter(seven);
    open.enter(eight);
    expect(open.activeRoomId).toBe(8);
    expect(open.unsubscribe(eight)).toBe(true);
    expect(open.activeRoomId).toBe(7);
  });

  it('leave a room by the exit destination while its subscription goes on', () => {
    const open = new OpenRooms();
    open.enter(seven);
    expect([open.has(seven), open.has(eight)]).toEqual([true, false]);
    open.exit(seven);
    expect(open.has(seven)).toBe(false);
    expect(open.activeRoomId).toBeNull();
    expect(open.list()).toEqual([]);
    expect(open.unsubscribe(seven)).toBe(false);
  });

  it('stay in a room until its last subscription ends', () => {
    const open = new OpenRooms();
    open.enter(seven);
    open.enter(seven);
    expect(open.unsubscribe(seven)).toBe(false);
    expect(open.list()).toEqual([7]);
    expect(open.unsubscribe(seven)).toBe(true);
  });

  it('enter again a room that was exited', () => {
    const open = new OpenRooms();
    open.enter(seven);
    open.exit(seven);
    open.enter(seven);
    expect(open.activeRoomId).toBe(7);
  });
});
