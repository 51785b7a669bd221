import { asMessageId, asRoomId, asUserId, type MessageId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoredSends } from './stored-sends.ts';

const key = { roomId: asRoomId(7), senderId: asUserId(1), messageId: asMessageId(42), clientMessageId: 'c-1' };

let stored: Map<string, MessageId>;
let error: Error | null;
let askedCount: number;
let sends: StoredSends;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  stored = new Map();
  error = null;
  askedCount = 0;
  sends = new StoredSends({
    rows: {
      findStoredIds: async (keys) => {
        askedCount += 1;
        if (error !== null) throw error;
        return keys.map(({ messageId, clientMessageId }) => stored.get(clientMessageId ?? String(messageId)));
      },
    },
    storedMore: (_, maxMs) => new Promise((resolve) => setTimeout(resolve, maxMs)),
    now: () => Date.now(),
  });
});
afterEach(() => void vi.useRealTimers());

describe('a message that is to be stored', () => {
  it('is, when the rows have it, by the name of its first', async () => {
    const outcome = sends.whenStored(key, 4_000);
    await vi.advanceTimersByTimeAsync(1_000);
    stored.set('c-1', asMessageId(41));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await outcome).toBe(41);
  });

  it('is refused with UNKNOWN and a sentence when that is due, also while Postgres does not answer', async () => {
    error = new ChatError('UNAVAILABLE');
    const outcomes = [sends.whenStored(key, 2_000), sends.whenStored({ ...key, clientMessageId: null }, 2_000)];
    const refusals = Promise.all(outcomes.map((outcome) => outcome.catch((refusal: unknown) => refusal)));
    await vi.advanceTimersByTimeAsync(2_500);
    const [named, nameless] = await refusals;
    expect(named).toMatchObject({ code: 'UNKNOWN', retryable: true });
    expect((named as Error).message).toMatch(/in the log, as 42, but was not stored in time; sent again with the same/);
    expect((nameless as Error).message).toMatch(/sending it again would make a second one/);
  });

  it('is asked for together with others', async () => {
    stored.set('c-1', asMessageId(42));
    const outcomes = Promise.all(Array.from({ length: 50 }, () => sends.whenStored(key, 2_000)));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await outcomes).toHaveLength(50);
    expect(askedCount).toBeLessThanOrEqual(2);
  });

  it('fails with what is no outage', async () => {
    error = new TypeError('a defect');
    const outcome = sends.whenStored(key, 2_000).catch((failure: unknown) => failure);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await outcome).toBe(error);
  });
});
