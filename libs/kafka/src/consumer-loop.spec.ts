import { createLogger } from '@chat/service-kit';
import type { Admin, Consumer } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KafkaClient } from './client.ts';
import { ConsumerLoop } from './consumer-loop.ts';

const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });

function named(name: string, cause?: unknown): Error {
  return Object.assign(new Error('no', { cause }), { name });
}

/** A loop on a kafkajs consumer of which only runs and events are left. */
async function joinedLoop() {
  const listeners = new Map<string, (event: { payload: unknown }) => void>();
  const emit = (event: string, payload: unknown) => listeners.get(event)?.({ payload });
  const run = vi.fn(() => {
    emit('join', { memberAssignment: {} });
    return Promise.resolve();
  });
  const events = { GROUP_JOIN: 'join', FETCH: 'fetch', START_BATCH_PROCESS: 'batch', CRASH: 'crash' };
  const nothing = () => Promise.resolve();
  const parts = { connect: nothing, disconnect: nothing, subscribe: nothing, run, events };
  const on = (event: string, listener: (event: { payload: unknown }) => void) => listeners.set(event, listener);
  const client: Pick<KafkaClient, 'createConsumer' | 'createAdmin'> = {
    createConsumer: () => ({ ...parts, on }) as unknown as Consumer, // what the loop uses of it
    createAdmin: () => ({ ...parts, fetchTopicOffsets: () => Promise.resolve([]) }) as unknown as Admin,
  };
  const fail = vi.fn();
  const onJoined = vi.fn();
  const loop = new ConsumerLoop({
    client,
    groupId: 'g',
    topics: ['t'],
    sessionTimeoutMs: 8_000,
    heartbeatMs: 2_000,
    rebalanceTimeoutMs: 6_000,
    fetchMaxWaitMs: 250,
    concurrency: 1,
    onJoined,
    onBatch: nothing,
    onHidden: () => {},
    places: () => [],
    fail,
    logger,
  });
  await loop.join();
  const crash = (error: Error, restart: boolean) => emit('crash', { error, restart });
  return { loop, crash, run, onJoined, fail };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a consumer that crashes', () => {
  it('ends the process with the reason where kafkajs will not start it anew', async () => {
    const { crash, run, fail } = await joinedLoop();
    const error = named('KafkaJSProtocolError');
    crash(error, false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(fail).toHaveBeenCalledExactlyOnceWith('the consumer crashed (group g)', error);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('is left to kafkajs where that starts it anew', async () => {
    const { crash, run, fail } = await joinedLoop();
    crash(named('KafkaJSNumberOfRetriesExceeded'), true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(fail).not.toHaveBeenCalled();
    expect(run).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['nobody answers who coordinates the group', named('KafkaJSGroupCoordinatorNotFound')],
    ['brokers hang', named('KafkaJSNonRetriableError', named('KafkaJSTimeout'))],
  ])('is started anew, and placed anew, where kafkajs gives up because %s', async (_, error) => {
    const { loop, crash, run, onJoined, fail } = await joinedLoop();
    crash(error, false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(run).toHaveBeenCalledTimes(2);
    expect(onJoined).toHaveBeenCalledTimes(2);
    expect(fail).not.toHaveBeenCalled();
    await loop.stop();
  });

  it('is not started anew once it is told to stop', async () => {
    const { loop, crash, run } = await joinedLoop();
    crash(named('KafkaJSGroupCoordinatorNotFound'), false);
    await loop.stop();
    crash(named('KafkaJSGroupCoordinatorNotFound'), false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(run).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
