import { describe, expect, it } from 'vitest';
import { DeadlineError, pause, withDeadline } from './deadline.ts';

describe('a deadline', () => {
  it('lets the outcome through that comes in time', async () => {
    await expect(withDeadline(Promise.resolve(1), 1_000, 'work')).resolves.toBe(1);
    await expect(withDeadline(Promise.reject(new Error('no')), 1_000, 'work')).rejects.toThrow('no');
  });

  it('says what took too long', async () => {
    const endless = new Promise<never>(() => {});
    await expect(withDeadline(endless, 5, 'the work')).rejects.toThrow(new DeadlineError('the work', 5));
  });

  it('leaves no unhandled rejection behind when the work fails late', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    await expect(withDeadline(promise, 5, 'the work')).rejects.toThrow(DeadlineError);
    reject(new Error('late'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('a pause', () => {
  it('ends at once when its signal aborts, also one that had aborted before', async () => {
    const controller = new AbortController();
    const paused = pause(60_000, controller.signal);
    controller.abort();
    await paused;
    await pause(60_000, controller.signal);
  });
});
