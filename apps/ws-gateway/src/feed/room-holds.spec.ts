import { asRoomId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { RoomHolds } from './room-holds.ts';

const [one, two] = [asRoomId(1), asRoomId(2)];

describe('the rooms that an instance holds', () => {
  it('are new once, however many need them', () => {
    const holds = new RoomHolds(10);
    expect([holds.hold(one), holds.hold(one), holds.hold(two)]).toEqual([true, false, true]);
  });

  it('are given up a while after the last one who needed them', () => {
    const holds = new RoomHolds(10);
    holds.hold(one);
    holds.hold(one);
    holds.release(one, 100);
    expect(holds.takeIdle(1_000)).toEqual([]);
    holds.release(one, 1_000);
    expect(holds.takeIdle(1_009)).toEqual([]);
    expect(holds.takeIdle(1_010)).toEqual([one]);
    expect([holds.takeIdle(2_000), holds.hold(one)]).toEqual([[], true]);
  });

  it('are held on where somebody comes back in time', () => {
    const holds = new RoomHolds(10);
    holds.hold(one);
    holds.release(one, 100);
    expect(holds.hold(one)).toBe(false);
    expect(holds.takeIdle(1_000)).toEqual([]);
  });
});
