import { describe, expect, it, vi } from 'vitest';
import { Health } from './health.ts';

const up = { name: 'redis', check: () => {} };
const down = { name: 'postgres', check: () => Promise.reject(new Error('connection refused')) };

describe('readiness', () => {
  it('names each dependency and why it is down', async () => {
    const health = new Health();
    health.add(up, down);
    health.markServing();
    expect(await health.readiness()).toEqual({
      status: 'DOWN',
      dependencies: {
        redis: { status: 'UP', needed: true },
        postgres: { status: 'DOWN', needed: true, reason: 'connection refused' },
      },
    });
  });

  it('does not depend on what is optional, but tells of it', async () => {
    const health = new Health();
    health.add(up);
    health.addOptional(down);
    health.markServing();
    const readiness = await health.readiness();
    expect(readiness.status).toBe('UP');
    expect(readiness.dependencies['postgres']).toMatchObject({ status: 'DOWN', needed: false });
  });

  it('comes at once where what is optional is late, with what that said last', async () => {
    const health = new Health();
    let answer = Promise.withResolvers<string>();
    const check = vi.fn(() => answer.promise);
    health.add(up);
    health.addOptional({ name: 'eureka', check });
    health.markServing();
    const eureka = async () => (await health.readiness()).dependencies['eureka'];
    expect(await eureka()).toMatchObject({ status: 'DOWN', reason: 'has not answered yet' });
    answer.resolve('registered');
    expect(await eureka()).toMatchObject({ status: 'UP', details: 'registered' });

    answer = Promise.withResolvers();
    const startedAt = performance.now();
    expect(await eureka()).toMatchObject({ status: 'UP', details: 'registered' });
    expect((await health.readiness()).status).toBe('UP');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(check).toHaveBeenCalledTimes(2); // it is not asked again while it is asked
    answer.reject(new Error('gone'));
    expect(await eureka()).toMatchObject({ status: 'DOWN', reason: 'gone' });
  });

  it('is out of service before the start is done and while draining, and asks nothing then', async () => {
    const health = new Health();
    health.add({
      name: 'kafka',
      check: () => {
        if (!isOpen) throw new Error('asked before it was open');
      },
    });
    let isOpen = false;
    const { status, dependencies } = await health.readiness();
    expect(status).toBe('OUT_OF_SERVICE');
    expect(dependencies['kafka']).toEqual({
      ...{ status: 'DOWN', needed: true, reason: 'not asked while the app starts or stops' },
    });
    isOpen = true;
    health.markServing();
    expect((await health.readiness()).status).toBe('UP');
    health.markDraining();
    expect((await health.readiness()).status).toBe('OUT_OF_SERVICE');
  });

  it('does not wait for ever for a check', { timeout: 4_000 }, async () => {
    const health = new Health();
    health.add({ name: 'kafka', check: () => new Promise(() => {}) });
    health.markServing();
    expect((await health.readiness()).dependencies['kafka']?.status).toBe('DOWN');
  });
});
