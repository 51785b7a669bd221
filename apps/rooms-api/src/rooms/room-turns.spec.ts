import { asRoomId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { ROOM_TURNS_MAX_WAITING } from '../limits.ts';
import { RoomTurns } from './room-turns.ts';

const [one, two] = [asRoomId(1), asRoomId(2)];

const inTime = new AbortController().signal;

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
    expect(await Promise.all(['a', 'b', 'c'].map((name) => turns.run(one, inTime, work(name))))).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(steps).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('go on after one that failed', async () => {
    const turns = new RoomTurns();
    const failed = turns.run(one, inTime, () => Promise.reject(new RangeError('no')));
    const next = turns.run(one, inTime, () => Promise.resolve('next'));
    await expect(failed).rejects.toThrow(RangeError);
    expect(await next).toBe('next');
  });

  it('of another room do not wait', async () => {
    const turns = new RoomTurns();
    const gate = Promise.withResolvers<void>();
    const slow = turns.run(one, inTime, () => gate.promise);
    expect(await turns.run(two, inTime, () => Promise.resolve('now'))).toBe('now');
    gate.resolve();
    await slow;
  });

  it('are passed over where nobody waits for the outcome any more', async () => {
    const turns = new RoomTurns();
    const gate = Promise.withResolvers<void>();
    const request = new AbortController();
    const done: string[] = [];
    const slow = turns.run(one, inTime, () => gate.promise);
    const late = turns.run(one, request.signal, async () => void done.push('late'));
    const next = turns.run(one, inTime, async () => void done.push('next'));
    request.abort(new RangeError('answered already'));
    gate.resolve();
    await expect(late).rejects.toThrow(RangeError);
    await Promise.all([slow, next]);
    expect(done).toEqual(['next']);
  });

  it('are refused where too many wait, and given again once those are through', async () => {
    const turns = new RoomTurns();
    const gate = Promise.withResolvers<void>();
    const waiting = Array.from({ length: ROOM_TURNS_MAX_WAITING }, () => turns.run(one, inTime, () => gate.promise));
    await expect(turns.run(one, inTime, () => Promise.resolve())).rejects.toMatchObject({
      code: 'OVERLOADED',
      retryable: true,
      message: `${ROOM_TURNS_MAX_WAITING} changes of this room wait already, as many as may; try again shortly.`,
    });
    gate.resolve();
    await Promise.all(waiting);
    expect(await turns.run(one, inTime, () => Promise.resolve('again'))).toBe('again');
  });
});
