import { asRoomId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { ROOM_TURNS_MAX_WAITING } from '../limits.ts';
import { RoomTurns } from './room-turns.ts';

const [one, two] = [asRoomId(1), asRoomId(2)];

describe('turns of a room', () => {
  it('come one after another, in the order of asking, and give each its own outcome', async () => {
    const turns = new RoomTurns();
    const steps: string[] = [];
    const work = (name: string) => async () => {
      steps.push(`${name} in`);
      await Promise.resolve();
      steps.push(`${name} out`);
      return name;
    };
    expect(await Promise.all(['a', 'b', 'c'].map((name) => turns.run(one, work(name))))).toEqual(['a', 'b', 'c']);
    expect(steps).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('go on after one that failed', async () => {
    const turns = new RoomTurns();
    const failed = turns.run(one, () => Promise.reject(new RangeError('no')));
    const next = turns.run(one, () => Promise.resolve('next'));
    await expect(failed).rejects.toThrow(RangeError);
    expect(await next).toBe('next');
  });

  it('of another room do not wait', async () => {
    const turns = new RoomTurns();
    const gate = Promise.withResolvers<void>();
    const slow = turns.run(one, () => gate.promise);
    expect(await turns.run(two, () => Promise.resolve('now'))).toBe('now');
    gate.resolve();
    await slow;
  });

  it('are refused where too many wait, and given again once those are through', async () => {
    const turns = new RoomTurns();
    const gate = Promise.withResolvers<void>();
    const waiting = Array.from({ length: ROOM_TURNS_MAX_WAITING }, () => turns.run(one, () => gate.promise));
    await expect(turns.run(one, () => Promise.resolve())).rejects.toMatchObject({
      code: 'OVERLOADED',
      retryable: true,
    });
    gate.resolve();
    await Promise.all(waiting);
    expect(await turns.run(one, () => Promise.resolve('again'))).toBe('again');
  });
});
