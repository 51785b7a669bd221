import { createLogger } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpenLog, WATCH_EVERY_MS } from './open-log.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const topic = { name: 'chat-messages', partitionCount: 12 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function started(found = topic) {
  const state = { open: { epoch: 3, topic }, isDown: false };
  const fail = vi.fn();
  const epochs = {
    openFirst: async () => state.open,
    findOpen: async () => (state.isDown ? Promise.reject(new Error('down')) : state.open),
  };
  const log = new OpenLog({ epochs, topic: () => found, fail, logger });
  await log.start();
  return { log, state, fail };
}

describe('the open log', () => {
  it('is usable where the topic is the one of its epoch', async () => {
    const { log } = await started();
    expect([log.isUsable, log.epoch, log.partitionCount]).toEqual([true, 3, 12]);
    expect(() => log.check().check()).not.toThrow();
    await log.stop();
  });

  it.each([
    [{ ...topic, partitionCount: 24 }, /has 24 partitions; log epoch 3 was opened with 12/],
    [{ ...topic, name: 'other' }, /was opened for chat-messages, not other/],
  ])('is not, and says so, where the topic is %j', async (found, reason) => {
    const { log, fail } = await started(found);
    expect(log.isUsable).toBe(false);
    expect(() => log.check().check()).toThrow(reason);
    expect(fail).not.toHaveBeenCalled();
    await log.stop();
  });

  it('ends the process once another epoch is open, not because Postgres is away', async () => {
    const { log, state, fail } = await started();
    state.isDown = true;
    await vi.advanceTimersByTimeAsync(3 * WATCH_EVERY_MS);
    state.isDown = false;
    await vi.advanceTimersByTimeAsync(WATCH_EVERY_MS);
    expect(fail).not.toHaveBeenCalled();
    state.open = { epoch: 4, topic };
    await vi.advanceTimersByTimeAsync(WATCH_EVERY_MS);
    expect(fail).toHaveBeenCalledWith('log epoch 3 was closed');
    await log.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
