import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppRun } from './app-run.ts';
import { Health } from './health.ts';
import { ServiceGroup, type Service } from './lifecycle.ts';
import { createLogger } from './logger.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An app of one service, what it logs, and the statuses that it exits with: never more than one. */
async function runOf(change: Partial<Service> = {}) {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>);
  const logger = createLogger('test', { level: 'info', instanceId: 'test' }, { write });
  const statuses: number[] = [];
  const health = new Health();
  const run = new AppRun({ health, logger, exit: (status) => statuses.push(status) });
  const nothing = () => Promise.resolve();
  const group = new ServiceGroup([{ name: 'worker', start: nothing, stop: nothing, ...change }], logger);
  const begun = run.begin(group);
  await vi.advanceTimersByTimeAsync(0);
  const isReady = async () => (await health.readiness()).status === 'UP';
  const lineOf = (message: string) => lines.find(({ msg }) => msg === message);
  return { run, begun, statuses, isReady, lineOf };
}

const never = () => new Promise<void>(() => {});
const after = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('the end of a process', () => {
  it('is not ready from the signal on, and exits with 0 once its services have stopped', async () => {
    const { run, statuses, isReady } = await runOf({ stop: after(20_000) });
    expect(await isReady()).toBe(true);
    run.end('SIGTERM');
    expect(await isReady()).toBe(false);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(statuses).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(statuses).toEqual([0]);
  });

  it('comes within 24 s though a service hangs, with 1 and the name of it', async () => {
    const { run, statuses, lineOf } = await runOf({ stop: never });
    run.end('SIGTERM');
    await vi.advanceTimersByTimeAsync(24_000);
    expect(statuses).toEqual([1]);
    expect(lineOf('services had not stopped in time')).toMatchObject({ unstopped: ['worker'] });
  });

  it('is 0 where a service says that it could not stop cleanly: it lost nothing by it', async () => {
    const { run, statuses, lineOf } = await runOf({ stop: () => Promise.reject(new Error('kafka does not answer')) });
    run.end('SIGTERM');
    await vi.advanceTimersByTimeAsync(0);
    expect(statuses).toEqual([0]);
    expect(lineOf('a service did not stop cleanly')).toMatchObject({ service: 'worker' });
  });

  it('is neither hurried nor begun anew by a second signal, which is told what still stops', async () => {
    const { run, statuses, lineOf } = await runOf({ stop: after(10_000) });
    run.end('SIGTERM');
    await vi.advanceTimersByTimeAsync(5_000);
    run.end('SIGINT');
    expect(lineOf('stopping already')).toMatchObject({ signal: 'SIGINT', unstopped: ['worker'] });
    await vi.advanceTimersByTimeAsync(4_999);
    expect(statuses).toEqual([]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(statuses).toEqual([0]);
  });

  it('is 0 where the signal comes during the start, which then is not taken for a failure', async () => {
    const interrupted = Promise.withResolvers<void>();
    const { run, begun, statuses, isReady, lineOf } = await runOf({
      start: () => interrupted.promise,
      stop: async () => {
        interrupted.reject(new Error('the start was interrupted'));
        await after(1_000)();
      },
    });
    run.end('SIGTERM');
    await begun;
    expect(await isReady()).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(statuses).toEqual([0]);
    expect(lineOf('the app cannot go on')).toBeUndefined();
  });

  it('never becomes ready where the start that a signal came into succeeds after all', async () => {
    const started = Promise.withResolvers<void>();
    const { run, begun, statuses, isReady } = await runOf({ start: () => started.promise, stop: after(1_000) });
    run.end('SIGTERM');
    started.resolve();
    await begun;
    expect(await isReady()).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(statuses).toEqual([0]);
  });

  it('is 1 after a fatal error, within 6 s though a service hangs', async () => {
    const { run, statuses, lineOf } = await runOf({ stop: never });
    expect(run.hasFailed).toBe(false);
    run.fail('the consumer crashed', new Error('no'));
    expect(run.hasFailed).toBe(true); // whoever stops can know it
    await vi.advanceTimersByTimeAsync(6_000);
    expect(statuses).toEqual([1]);
    expect(lineOf('the app cannot go on')).toMatchObject({ reason: 'the consumer crashed' });
  });

  it('is 1 where a fatal error comes while it stops, which goes on in order', async () => {
    const { run, statuses } = await runOf({ stop: after(10_000) });
    run.end('SIGTERM');
    await vi.advanceTimersByTimeAsync(1_000);
    run.fail('an exception');
    await vi.advanceTimersByTimeAsync(8_999);
    expect(statuses).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(statuses).toEqual([1]);
  });
});
