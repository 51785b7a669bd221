import { describe, expect, it } from 'vitest';
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

describe('a group of services', () => {
  it('starts in order and stops in reverse', async () => {
    const { steps, service } = scene();
    const group = new ServiceGroup([service('a'), service('b')], logger);
    await group.start();
    await group.stop(1_000);
    expect(steps).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops what had begun when a start fails, and nothing behind it', async () => {
    const { steps, service } = scene();
    const failing = service('b', { start: () => Promise.reject(new Error('taken')) });
    const group = new ServiceGroup([service('a'), failing, service('c')], logger);
    await expect(group.start()).rejects.toThrow('taken');
    await group.stop(1_000);
    expect(steps).toEqual(['start a', 'stop b', 'stop a']);
  });

  it('goes on stopping past a service that fails and one that hangs', async () => {
    const { steps, service } = scene();
    const hanging = service('b', { stop: () => new Promise(() => {}) });
    const failing = service('c', { stop: () => Promise.reject(new Error('gone')) });
    const group = new ServiceGroup([service('a'), hanging, failing], logger);
    await group.start();
    await group.stop(30);
    expect(steps.at(-1)).toBe('stop a');
  });
});
