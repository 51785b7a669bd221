import { MESSAGE_ID_EPOCH_MS } from '@chat/database';
import { asMessageId, asRoomId, type LogPosition, type MessageId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ON_ITS_WAY_MAX_MS } from '../limits.ts';
import { MessagePositions, type SeenMessage } from './message-positions.ts';

const roomId = asRoomId(7);
const NOW = MESSAGE_ID_EPOCH_MS + 1_000_000;
/** An id that was made at an instant: 2^16 ids a tick of 10 ms. */
const idOf = (unixMs: number) => asMessageId(Math.floor((unixMs - MESSAGE_ID_EPOCH_MS) / 10) * 2 ** 16 + 3);
const live = (offset: number): SeenMessage => ({ offset, isLive: true });
const [old, young] = [idOf(NOW - 60_000), idOf(NOW)];

let seen: Map<MessageId, SeenMessage>;
let stored: Map<MessageId, LogPosition>;
let epoch: number;
let asked: number;
let positions: MessagePositions;

beforeEach(() => {
  vi.useFakeTimers();
  seen = new Map();
  stored = new Map();
  epoch = 3;
  asked = 0;
  positions = new MessagePositions({
    findSeen: (_, messageId) => seen.get(messageId),
    findStored: async (_, messageId) => {
      asked += 1;
      return stored.get(messageId) ?? null;
    },
    findEpoch: async () => epoch,
    partitionOf: () => 4,
    clock: { now: () => NOW },
  });
});
afterEach(() => void vi.useRealTimers());

/** What comes of it, however long it waits. */
async function found(messageId: MessageId): Promise<LogPosition | null> {
  const outcome = positions.find(roomId, messageId);
  await vi.advanceTimersByTimeAsync(ON_ITS_WAY_MAX_MS);
  return outcome;
}

describe('the position of a message', () => {
  it('is known of a message that was read here, though it is not stored yet, without a question to the database', async () => {
    seen.set(young, live(12));
    expect(await positions.find(roomId, young)).toEqual({ epoch: 3, partition: 4, offset: 12 });
    expect(asked).toBe(0);
  });

  it('is that of its row where it is not remembered here, in the log that the row belongs to', async () => {
    stored.set(old, { epoch: 1, partition: 4, offset: 5 });
    expect(await positions.find(roomId, old)).toEqual({ epoch: 1, partition: 4, offset: 5 });
  });

  it('is that of its row, if there is one, where it was there before this instance was: it may be of a log before', async () => {
    seen.set(old, { offset: 12, isLive: false });
    stored.set(old, { epoch: 2, partition: 4, offset: 12 });
    expect(await positions.find(roomId, old)).toMatchObject({ epoch: 2, offset: 12 });
    stored.clear();
    expect(await positions.find(roomId, old)).toMatchObject({ epoch: 3, offset: 12 });
  });

  it('is none of a message that is nowhere, at once where it is old', async () => {
    expect(await positions.find(roomId, old)).toBeNull();
    expect(asked).toBe(1);
  });

  it('is waited for where the message may be on its way to here', async () => {
    const outcome = positions.find(roomId, young);
    await vi.advanceTimersByTimeAsync(ON_ITS_WAY_MAX_MS / 2);
    seen.set(young, live(12));
    await vi.advanceTimersByTimeAsync(ON_ITS_WAY_MAX_MS / 2);
    expect(await outcome).toMatchObject({ offset: 12 });
  });

  it('is waited for no longer than for a moment, and looked for among the rows once more', async () => {
    expect(await found(idOf(NOW + 86_400_000))).toBeNull();
    expect(asked).toBe(2);
  });

  it('is not known before the first log was opened', async () => {
    epoch = 0;
    seen.set(young, live(12));
    await expect(positions.find(roomId, young)).rejects.toEqual(expect.objectContaining({ code: 'UNAVAILABLE' }));
    await expect(positions.find(roomId, young)).rejects.toBeInstanceOf(ChatError);
    epoch = 1;
    expect(await positions.find(roomId, young)).toMatchObject({ epoch: 1 });
  });
});
