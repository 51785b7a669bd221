import { asRoomId, asUserId, type RoomId } from '@chat/dto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KnownPresence, type ReadPresence } from './known-presence.ts';
import { RoomWatch } from './room-watch.ts';

const room = asRoomId(7);
const ada = asUserId(1);
const online = new Map([[ada, { isOnline: true, version: 3, at: '2025-04-29T15:23:00Z' }]]);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A watched room of one member, and a Redis that the test answers for. */
function scene() {
  const watch = new RoomWatch();
  watch.hold(room);
  watch.loaded(room, { version: 1, memberIds: [ada] });
  const redis = { answer: (): Promise<ReadPresence> => Promise.resolve({ found: online, isWhole: true }), count: 0 };
  const readPresence = () => ((redis.count += 1), redis.answer());
  const known = new KnownPresence({ watch, readPresence, now: () => Date.now() });
  const told: RoomId[] = [];
  known.onNews({ learned: () => {}, staleness: (roomIds) => void told.push(...roomIds) });
  return { watch, known, redis, told };
}

const away = () => Promise.reject(new Error('away'));

describe('presence of a watched room', () => {
  it('is read once', async () => {
    const { watch, known } = scene();
    await known.read(room);
    expect(known.isStale(room)).toBe(false);
    expect(watch.onlineCountIn(room)).toBe(1);
  });

  it('is stale while Redis does not answer, and read when it does again', async () => {
    const { watch, known, redis, told } = scene();
    redis.answer = away;
    await known.read(room);
    known.noteAnswer(false);
    known.noteAnswer(false);
    expect(known.isStale(room)).toBe(true);
    expect(told).toEqual([room]);
    redis.answer = () => Promise.resolve({ found: online, isWhole: true });
    known.noteAnswer(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(known.isStale(room)).toBe(false);
    expect(told).toEqual([room, room, room]);
    expect(watch.onlineCountIn(room)).toBe(1);
  });

  it('is not waited for longer than it may take, and is right once it is there', async () => {
    const { known, redis } = scene();
    const answer = Promise.withResolvers<ReadPresence>();
    redis.answer = () => answer.promise;
    const reading = known.read(room);
    await vi.advanceTimersByTimeAsync(2_500);
    await reading;
    expect(known.isStale(room)).toBe(true);
    answer.resolve({ found: online, isWhole: true });
    await vi.advanceTimersByTimeAsync(0);
    expect(known.isStale(room)).toBe(false);
  });

  it('is stale after Redis lost its data until gateways have announced again, and then read anew', async () => {
    const { watch, known, redis } = scene();
    await known.read(room);
    known.noteLost();
    redis.answer = () => Promise.resolve({ found: new Map(), isWhole: true });
    known.noteAnswer(true);
    await vi.advanceTimersByTimeAsync(19_999);
    known.noteAnswer(true);
    await vi.advanceTimersByTimeAsync(0);
    expect([known.isStale(room), watch.onlineCountIn(room), redis.count]).toEqual([true, 1, 1]);
    await vi.advanceTimersByTimeAsync(1);
    known.noteAnswer(true);
    await vi.advanceTimersByTimeAsync(0);
    expect([known.isStale(room), watch.onlineCountIn(room)]).toEqual([false, 0]);
  });

  it('stays stale where Redis may have lost it before this gateway noticed', async () => {
    const { watch, known, redis } = scene();
    redis.answer = () => Promise.resolve({ found: new Map(), isWhole: false });
    await known.read(room);
    expect(known.isStale(room)).toBe(true);
    expect(watch.unknownIn(room)).toEqual([ada]);
  });

  it('costs Redis nothing while all is well', async () => {
    const { known, redis } = scene();
    await known.read(room);
    for (let beat = 0; beat < 100; beat += 1) known.noteAnswer(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(redis.count).toBe(1);
  });
});
