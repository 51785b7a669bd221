import { asRoomId, asUserId } from '@chat/dto';
import type { PendingLastSeen, PresenceStore } from '@chat/redis';
import { createLogger } from '@chat/service-kit';
import type { LastSeen } from '@chat/database';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { LAST_SEEN_REPORTED_MAX } from './limits.ts';
import { LastSeenWriter } from './last-seen-writer.ts';

const logger = createLogger('test', { level: 'silent', instanceId: 'test' });

it('stops after the batch in hand, however much waits in Redis', async () => {
  const gate = Promise.withResolvers<void>();
  let savedCount = 0;
  const pending = [{ userId: asUserId(1), roomId: asRoomId(1), seenAtMs: 0 }];
  const store = {
    listLastSeen: () => Promise.resolve(pending), // never less
    removeLastSeen: () => Promise.resolve(),
  } as unknown as PresenceStore; // what the writer uses of it
  const saveLastSeen = async () => {
    savedCount += 1;
    await gate.promise;
  };
  const writer = new LastSeenWriter({ store, lastSeen: { saveLastSeen }, logger });
  writer.wake(0);
  await Promise.resolve();
  const stopped = writer.stop();
  gate.resolve();
  await stopped;
  expect(savedCount).toBe(1);
});

describe('what gateways report to be open', () => {
  const entry = (userId: number, seenAtMs: number) => ({ userId: asUserId(userId), roomId: asRoomId(7), seenAtMs });
  const noStore = {} as PresenceStore; // it is not asked

  function scene() {
    const saved: (readonly LastSeen[])[] = [];
    const state = { isAway: false };
    const saveLastSeen = async (entries: readonly LastSeen[]) => {
      if (state.isAway) throw new Error('Postgres does not answer');
      saved.push(entries);
    };
    return { saved, state, writer: new LastSeenWriter({ store: noStore, lastSeen: { saveLastSeen }, logger }) };
  }
  const written = (saved: (readonly LastSeen[])[]) =>
    saved.map((entries) => entries.map(({ userId, lastSeenAt }) => `${userId} at ${lastSeenAt.getTime()}`));

  it('is written together, of each user and room the latest', async () => {
    const { saved, writer } = scene();
    writer.noteReported([entry(1, 5), entry(2, 5), entry(1, 4), entry(2, 9)]);
    await eventually(() => expect(written(saved)).toEqual([['1 at 5', '2 at 9']]));
    writer.noteReported([]);
    await writer.stop();
    expect(saved).toHaveLength(1);
  });

  it('waits while Postgres is away, and goes with the next report', async () => {
    const { saved, state, writer } = scene();
    state.isAway = true;
    writer.noteReported([entry(1, 5)]);
    await eventually(() => {
      state.isAway = false;
      writer.noteReported([entry(2, 6)]);
      expect(written(saved).flat().sort()).toEqual(['1 at 5', '2 at 6']);
    });
  });

  it('is remembered up to a bound', async () => {
    const { saved, state, writer } = scene();
    state.isAway = true;
    writer.noteReported(Array.from({ length: LAST_SEEN_REPORTED_MAX + 5 }, (_, n) => entry(n + 1, 5)));
    await eventually(() => {
      state.isAway = false;
      writer.noteReported([entry(1, 6)]);
      expect(new Set(saved.flat().map(({ userId }) => userId)).size).toBe(LAST_SEEN_REPORTED_MAX);
    });
    expect(saved.every((entries) => entries.length <= 1_000)).toBe(true);
  });
});

it('writes what came while it looked for the last time', async () => {
  const looked = Promise.withResolvers<void>();
  const waiting: PendingLastSeen[][] = [[], [{ userId: asUserId(1), roomId: asRoomId(1), seenAtMs: 7 }]];
  const saved: LastSeen[] = [];
  const store = {
    listLastSeen: async () => {
      const pending = waiting.shift() ?? [];
      await looked.promise;
      return pending;
    },
    removeLastSeen: () => Promise.resolve(),
  } as unknown as PresenceStore; // what the writer uses of it
  const saveLastSeen = async (entries: readonly LastSeen[]) => void saved.push(...entries);
  const writer = new LastSeenWriter({ store, lastSeen: { saveLastSeen }, logger });
  writer.wake(0);
  writer.wake(0);
  looked.resolve();
  await eventually(() => expect(saved).toHaveLength(1));
});
