import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServiceGroup, type Service } from './lifecycle.ts';
import { createLogger } from './logger.ts';

const logger = createLogger('test', { level: 'silent', instanceId: 'test' });

function scene() {
  const steps: string[] = [];
  const service = (name: string, change: Partial<Service> = {}): Service => ({
    name,
    start: () => (steps.push(`start ${name}`), Promise.resolve()),
    stop: () => (steps.push(`stop ${name}`), Promise.resolve()),
    ...change,
  });
  return { steps, service };
}

const never = () => new Promise<void>(() => {});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a group of services', () => {
  it('starts in order and stops in reverse', async () => {
    const { steps, service } = scene();
    const group = new ServiceGroup([service('a'), service('b')], logger);
    await group.start();
    expect(group.unstopped).toEqual(['a', 'b']);
    await group.stop(1_000);
    expect(steps).toEqual(['start a', 'start b', 'stop b', 'stop a']);
    expect(group.unstopped).toEqual([]);
  });

  it('starts and stops those in one list at the same time', async () => {
    const { steps, service } = scene();
    const ready = Promise.withResolvers<void>();
    const slow = service('b1', { start: () => (steps.push('start b1'), ready.promise) });
    const group = new ServiceGroup([service('a'), [slow, service('b2')], service('c')], logger);
    const started = group.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(steps).toEqual(['start a', 'start b1', 'start b2']);
    ready.resolve();
    await started;
    await group.stop(1_000);
    expect(steps.slice(3)).toEqual(['start c', 'stop c', 'stop b1', 'stop b2', 'stop a']);
  });

  it('stops what had begun when a start fails, and nothing behind it', async () => {
    const { steps, service } = scene();
    const failing = service('b', { start: () => Promise.reject(new Error('taken')) });
    const group = new ServiceGroup([service('a'), failing, service('c')], logger);
    await expect(group.start()).rejects.toThrow('taken');
    await group.stop(1_000);
    expect(steps).toEqual(['start a', 'stop b', 'stop a']);
  });

  it('starts nothing more once it is told to stop', async () => {
    const { steps, service } = scene();
    const ready = Promise.withResolvers<void>();
    const slow = service('a', { start: () => ready.promise, stop: () => (steps.push('stop a'), Promise.resolve()) });
    const group = new ServiceGroup([slow, service('b')], logger);
    const started = group.start();
    await group.stop(1_000);
    ready.resolve();
    await started;
    expect(steps).toEqual(['stop a']);
  });

  it('goes on stopping past a service that fails and one that hangs, and names the one that hangs', async () => {
    const { steps, service } = scene();
    const hanging = service('b', { stop: never });
    const failing = service('c', { stop: () => Promise.reject(new Error('gone')) });
    const group = new ServiceGroup([service('a'), hanging, failing], logger);
    await group.start();
    const stopped = group.stop(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await stopped;
    expect(steps.at(-1)).toBe('stop a');
    expect(group.unstopped).toEqual(['b']);
  });

  it('leaves those behind one that hangs a moment of their own, and is through by its deadline all the same', async () => {
    const { service } = scene();
    const ended: string[] = [];
    const brief = service('a', {
      stop: async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        ended.push('a');
      },
    });
    const group = new ServiceGroup([service('never', { stop: never }), brief, service('c', { stop: never })], logger);
    await group.start();
    let isThrough = false;
    void group.stop(1_000).then(() => (isThrough = true));
    await vi.advanceTimersByTimeAsync(999);
    expect(ended).toEqual(['a']);
    expect(isThrough).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isThrough).toBe(true);
    expect(group.unstopped).toEqual(['never', 'c']);
  });
});
