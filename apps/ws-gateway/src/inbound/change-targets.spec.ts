import { tickOf, type StoredTarget } from '@chat/database';
import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { KnownMessages } from '../broker/known-messages.ts';
import { ChangeTargets } from './change-targets.ts';

const [room, id] = [asRoomId(7), asMessageId(5)];
const target = { senderId: asUserId(1), kind: null, isDeleted: false } as const;

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** Targets of a log that this instance has read up to offset 10, whose rows answer in turn, the last one for ever. */
function scene(...answers: readonly (StoredTarget | ChatError)[]) {
  const known = new KnownMessages();
  let asked = 0;
  const findStored = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (answer === undefined || answer instanceof ChatError) throw answer ?? new Error('the rows are not asked here');
    return answer;
  };
  const targets = new ChangeTargets({ known, findStored, readUpTo: () => 10, clock: { now: () => Date.now() } });
  return { known, targets, askedCount: () => asked };
}

describe('what is to be changed', () => {
  it('comes from memory where that knows it', async () => {
    const { known, targets } = scene();
    expect(targets.peek(room, id)).toBeUndefined();
    known.note({ id, roomId: room, senderId: asUserId(1), kind: null });
    expect(targets.peek(room, id)).toEqual(target);
    expect(await targets.find(room, id)).toEqual(target);
  });

  it('comes from the rows else, and is not there where all that was read is stored', async () => {
    expect(await scene({ target, storedUpTo: 0 }).targets.find(room, id)).toEqual(target);
    expect(await scene({ target: null, storedUpTo: 10 }).targets.find(room, id)).toBeNull();
  });

  it('is waited for while the rows are behind what was read', async () => {
    const { targets, askedCount } = scene(
      { target: null, storedUpTo: 9 },
      { target: null, storedUpTo: 9 },
      { target, storedUpTo: 10 },
    );
    const found = targets.find(room, id);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await found).toEqual(target);
    expect(askedCount()).toBe(3);
  });

  it('is waited for while its id is so new that it may be on its way, a message of long ago is not', async () => {
    const fresh = asMessageId((tickOf(Date.now()) + 1) * 2 ** 16);
    const late = scene({ target: null, storedUpTo: 10 }, { target, storedUpTo: 11 });
    const found = late.targets.find(room, fresh);
    await vi.advanceTimersByTimeAsync(200);
    expect(await found).toEqual(target);
    const never = scene({ target: null, storedUpTo: 10 });
    const none = never.targets.find(room, fresh);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await none).toBeNull();
    expect(never.askedCount()).toBeGreaterThan(5);
    const madeUp = scene({ target: null, storedUpTo: 10 }).targets.find(room, asMessageId(Number.MAX_SAFE_INTEGER));
    await vi.advanceTimersByTimeAsync(2_500);
    expect(await madeUp).toBeNull();
  });

  it('is refused so that the client tries again, where the rows stay behind or do not answer', async () => {
    const behind = scene({ target: null, storedUpTo: 9 });
    const code = behind.targets.find(room, id).catch((error: ChatError) => error.code);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(await code).toBe('UNAVAILABLE');
    const askedBy = behind.askedCount();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(behind.askedCount()).toBe(askedBy);
    await expect(scene(new ChatError('UNAVAILABLE')).targets.find(room, id)).rejects.toMatchObject({ retryable: true });
  });
});
