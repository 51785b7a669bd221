import type { ReplayedMessage, ResumePoint } from '@chat/database';
import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RoomMessage } from '../broker/room-message.ts';
import { HeldSubscription } from './held-subscription.ts';
import { newestOf } from './newest-under-test.ts';
import { RoomReplay, type RoomReplayOptions } from './room-replay.ts';
import { StoredPositions } from './stored-positions.ts';

const room = asRoomId(7);
const since = { kind: 'since', messageId: asMessageId(5) } as const;
const row = (id: number): ReplayedMessage => ({
  message: {
    id: asMessageId(id),
    senderId: asUserId(1),
    roomId: room,
    content: 'hi',
    type: 'GROUP',
    timestamp: '2025-04-29T15:23:00Z',
  },
  offset: id,
  clientMessageId: null,
});
const live = (id: string): RoomMessage => ({
  roomId: room,
  messageId: id,
  senderId: asUserId(1),
  offset: Number(id),
  body: Buffer.from('{}'),
  clientMessageId: null,
  prev: null,
  isReplayed: false,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A replay due after 4 s, with a barrier at 10. */
function scene(rows: Partial<RoomReplayOptions['rows']>, inTurn: RoomReplayOptions['inTurn'] = (work) => work()) {
  const stored = new StoredPositions();
  const replay = new RoomReplay({
    rows: {
      findResumePoint: () => Promise.resolve({ epoch: 1, storedUpTo: 10, since: { epoch: 1, offset: 5 } }),
      listReplay: () => Promise.resolve([row(6), row(7)]),
      listNewest: () => Promise.resolve({ rows: [], earlier: null, isCut: false }),
      ...rows,
    },
    stored,
    inTurn,
    limits: { maxRows: 100, maxBytes: 10_000 },
    now: () => Date.now(),
  });
  const hold = new HeldSubscription('5', { maxMessages: 3, maxBytes: 1_000 });
  const task = { roomId: room, partition: 0, barrier: 10, hold, dueAt: Date.now() + 4_000 };
  return { replay, stored, hold, task };
}

const idsOf = (messages: readonly RoomMessage[]) => messages.map(({ messageId, prev }) => [messageId, prev]);

describe('a replay', () => {
  it('has what came after, each with the one before it', async () => {
    const { replay, task } = scene({});
    const recovery = await replay.recover(task, since);
    expect(recovery.isRecovered).toBe(true);
    expect(idsOf(recovery.messages)).toEqual([
      ['6', '5'],
      ['7', '6'],
    ]);
    expect(recovery.messages.every(({ isReplayed }) => isReplayed)).toBe(true);
    expect(recovery.tail).toEqual({ messageId: '7', offset: 7 });
  });

  it('waits until everything that this instance had read is stored, and then asks at once', async () => {
    const findResumePoint = vi.fn(() => Promise.resolve({ epoch: 1, storedUpTo: 10, since: { epoch: 1, offset: 5 } }));
    const { replay, stored, task } = scene({ findResumePoint });
    stored.note({ epoch: 1, partition: 0, next: 9 });
    const recovery = replay.recover(task, since);
    await vi.advanceTimersByTimeAsync(100);
    stored.note({ epoch: 1, partition: 0, next: 10 });
    await vi.advanceTimersByTimeAsync(0);
    expect((await recovery).isRecovered).toBe(true);
    expect(findResumePoint).toHaveBeenCalledTimes(1);
  });

  it('asks nobody while it was told that less is stored', async () => {
    const findResumePoint = vi.fn(() => Promise.resolve<ResumePoint>({ epoch: 1, storedUpTo: 9, since: null }));
    const { replay, stored, task } = scene({ findResumePoint });
    stored.note({ epoch: 1, partition: 0, next: 9 });
    void replay.recover(task, since);
    await vi.advanceTimersByTimeAsync(499);
    expect(findResumePoint).not.toHaveBeenCalled();
  });

  it.each<[string, Partial<RoomReplayOptions['rows']>]>([
    ['too much was missed', { listReplay: () => Promise.resolve(null) }],
    [
      'the place of the client is in another log',
      { findResumePoint: () => Promise.resolve({ epoch: 2, storedUpTo: 10, since: { epoch: 1, offset: 5 } }) },
    ],
    ['the rows stay behind', { findResumePoint: () => Promise.resolve({ epoch: 1, storedUpTo: 9, since: null }) }],
    ['nobody knows the message', { findResumePoint: () => Promise.resolve({ epoch: 1, storedUpTo: 10, since: null }) }],
    ['the database does not answer', { findResumePoint: () => Promise.reject(new ChatError('UNAVAILABLE')) }],
    ['the database hangs', { findResumePoint: () => new Promise(() => {}) }],
  ])('recovers nothing where %s, and says so in time', async (_, rows) => {
    const { replay, task } = scene(rows);
    const recovery = replay.recover(task, since);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await recovery).toEqual({
      isRecovered: false,
      unbrokenFrom: Infinity,
      messages: [],
      tail: null,
      waiting: 'all',
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on when the database answers again', async () => {
    let isUp = false;
    const { replay, task } = scene({
      findResumePoint: () =>
        isUp
          ? Promise.resolve({ epoch: 1, storedUpTo: 10, since: { epoch: 1, offset: 5 } })
          : Promise.reject(new ChatError('UNAVAILABLE')),
    });
    const recovery = replay.recover(task, since);
    await vi.advanceTimersByTimeAsync(1_000);
    isUp = true;
    await vi.advanceTimersByTimeAsync(300);
    expect((await recovery).isRecovered).toBe(true);
  });

  it('from a message that this instance has not read yet is what follows once it passes', async () => {
    const { replay, hold, task } = scene({
      findResumePoint: () => Promise.resolve({ epoch: 1, storedUpTo: 20, since: { epoch: 1, offset: 12 } }),
    });
    const recovery = replay.recover(task, since);
    await vi.advanceTimersByTimeAsync(100);
    for (const id of ['4', '5', '6']) hold.take(live(id));
    expect(await recovery).toEqual({
      isRecovered: true,
      unbrokenFrom: 5, // the client has what it names
      messages: [],
      tail: null,
      waiting: 'behind since',
    });
    expect(hold.release('behind since').map(({ messageId }) => messageId)).toEqual(['6']);
  });

  it('is over when more passes than may wait, or when the subscription goes', async () => {
    const overflowing = scene({ findResumePoint: () => new Promise(() => {}) });
    const overflowed = overflowing.replay.recover(overflowing.task, since);
    for (const id of ['a', 'b', 'c', 'd']) overflowing.hold.take(live(id));
    expect((await overflowed).isRecovered).toBe(false);
    expect(overflowing.hold.release('all')).toEqual([]);
    const cancelled = scene({ findResumePoint: () => new Promise(() => {}) });
    const gone = cancelled.replay.recover(cancelled.task, since);
    cancelled.hold.cancel(null);
    expect((await gone).isRecovered).toBe(false);
  });

  it('of the last ones knows the one before them', async () => {
    const { replay, task } = scene({
      listNewest: ({ messageCount }) => Promise.resolve(newestOf([6, 7, 8].map(row), messageCount)),
    });
    const { messages, tail } = await replay.recover(task, { kind: 'history', count: 2 });
    expect(idsOf(messages)).toEqual([
      ['7', '6'],
      ['8', '7'],
    ]);
    expect(tail?.messageId).toBe('8');
    const all = await replay.recover(task, { kind: 'history', count: 5 });
    expect(idsOf(all.messages)[0]).toEqual(['6', null]);
    expect((await replay.recover(task, { kind: 'history', count: 0 })).messages).toEqual([]);
  });

  it('that is more on the way to the client than in the rows is too much', async () => {
    const large = { ...row(6), message: { ...row(6).message, content: '\u0001'.repeat(2_000) } };
    const { replay, task } = scene({
      listReplay: () => Promise.resolve([large]),
      listNewest: () => Promise.resolve(newestOf([row(5), large], 2)),
    });
    expect((await replay.recover(task, since)).isRecovered).toBe(false);
    const { isRecovered, messages } = await replay.recover(task, { kind: 'history', count: 2 });
    expect([isRecovered, messages]).toEqual([true, []]);
  });

  it('asks at most ten times a second, whatever the persister has told', async () => {
    const findResumePoint = vi.fn(() => Promise.resolve<ResumePoint>({ epoch: 1, storedUpTo: 9, since: null }));
    const { replay, stored, task } = scene({ findResumePoint });
    stored.note({ epoch: 1, partition: 0, next: 99 });
    void replay.recover(task, since);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(findResumePoint.mock.calls.length).toBeLessThanOrEqual(11);
  });

  it('of a message that was found takes nothing away when its id passes again', async () => {
    const { replay, hold, task } = scene({});
    const recovery = replay.recover(task, since);
    for (const id of ['8', '5', '9']) hold.take(live(id));
    expect((await recovery).waiting).toBe('all');
    expect(hold.release('all').map(({ messageId }) => messageId)).toEqual(['8', '5', '9']);
  });

  it('asks only in its turn', async () => {
    const findResumePoint = vi.fn(() => Promise.resolve<ResumePoint>({ epoch: 1, storedUpTo: 10, since: null }));
    const { replay, task } = scene({ findResumePoint }, () => new Promise(() => {}));
    const recovery = replay.recover(task, since);
    await vi.advanceTimersByTimeAsync(4_000);
    expect((await recovery).isRecovered).toBe(false);
    expect(findResumePoint).not.toHaveBeenCalled();
  });
});
