import { ChatError } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OutgoingRecord } from './outgoing-record.ts';
import { PartitionLane } from './partition-lane.ts';
import { NeverSentError } from './produce-failure.ts';
import type { QueueLimits } from './record-queue.ts';

const DEADLINE_MS = 1_000;
const RECORD: OutgoingRecord = { key: 'a', value: null, headers: {} };
const LIMITS: QueueLimits = { maxRecords: 100, maxBytes: 10_000, batchMaxRecords: 10, batchMaxBytes: 1_000 };

/** A partition whose answers the test decides; the log is what was appended, in order. */
function fakePartition() {
  const log: string[] = [];
  const batches: string[][] = [];
  const answers: Array<() => Promise<void>> = [];
  let inFlight = 0;
  let mostInFlight = 0;
  return {
    log,
    batches,
    mostInFlight: () => mostInFlight,
    /** What the next attempts do; once used up, every attempt is acknowledged. */
    next: (...given: Array<() => Promise<void>>) => answers.push(...given),
    append: async (records: readonly OutgoingRecord[]) => {
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      const names = records.map(({ key }) => String(key));
      batches.push(names);
      try {
        await (answers.shift() ?? (() => Promise.resolve()))();
        log.push(...names);
        return log.length - names.length;
      } finally {
        inFlight -= 1;
      }
    },
  };
}

const fail =
  (fields: object = {}) =>
  () =>
    Promise.reject(Object.assign(new Error('no'), fields));
const after =
  (ms: number, outcome: () => Promise<void> = () => Promise.resolve()) =>
  () =>
    new Promise<void>((resolve) => setTimeout(resolve, ms)).then(outcome);
const never = () => new Promise<void>(() => {});

function laneTo(partition: ReturnType<typeof fakePartition>, limits: Partial<QueueLimits> = {}) {
  const lane = new PartitionLane({
    append: partition.append,
    limits: { ...LIMITS, ...limits },
    now: () => performance.now(),
  });
  const answers: Record<string, number | ChatError['code']> = {};
  const publish = (name: string) =>
    lane.publish([{ key: name, value: null, headers: {} }], 10, DEADLINE_MS).then(
      (offset) => (answers[name] = offset),
      (error: unknown) => (answers[name] = error instanceof ChatError ? error.code : 'INTERNAL'),
    );
  return { lane, publish, answers };
}

const RECORD_SIZE = { recordCount: 1, bytes: 10 };

/** A turn that lasts until the test says so. */
function fakeTurn() {
  const calls: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const take = () => {
    calls.push('take');
    return promise;
  };
  return { calls, take, giveUp: () => void calls.push('give up'), over: resolve };
}

describe('the way to a partition', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('sends what is published in one turn as one batch', async () => {
    const partition = fakePartition();
    const { publish, answers } = laneTo(partition);
    await Promise.all(['a', 'b', 'c'].map(publish));
    expect(partition.batches).toEqual([['a', 'b', 'c']]);
    expect(answers).toEqual({ a: 0, b: 1, c: 2 });
  });

  it('keeps one batch in flight; what comes meanwhile is the next batch', async () => {
    const partition = fakePartition();
    partition.next(after(10));
    const { publish, answers } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(5);
    void publish('b');
    void publish('c');
    await vi.advanceTimersByTimeAsync(10);
    expect(partition.batches).toEqual([['a'], ['b', 'c']]);
    expect(partition.mostInFlight()).toBe(1);
    expect(answers).toEqual({ a: 0, b: 1, c: 2 });
  });

  it('attempts the same batch again before anything behind it', async () => {
    const partition = fakePartition();
    partition.next(fail(), fail());
    const { publish, answers } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(1);
    void publish('b');
    await vi.advanceTimersByTimeAsync(500);
    expect(partition.batches).toEqual([['a'], ['a'], ['a'], ['b']]);
    expect(answers).toEqual({ a: 0, b: 1 });
  });

  it('answers UNKNOWN when the deadline passes after an attempt', async () => {
    const partition = fakePartition();
    partition.next(...Array.from({ length: 20 }, () => fail()));
    const { publish, answers } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect(answers).toEqual({ a: 'UNKNOWN' });
  });

  it('answers UNAVAILABLE when the deadline passes without any connection to send on', async () => {
    const partition = fakePartition();
    const noConnection = () => Promise.reject(new NeverSentError(new Error('refused')));
    partition.next(...Array.from({ length: 20 }, () => noConnection));
    const { publish, answers } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect(answers).toEqual({ a: 'UNAVAILABLE' });
  });

  it('answers UNKNOWN when any one of the attempts may have worked', async () => {
    const partition = fakePartition();
    const noConnection = () => Promise.reject(new NeverSentError(new Error('refused')));
    partition.next(noConnection, fail(), ...Array.from({ length: 20 }, () => noConnection));
    const { publish, answers } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect(answers).toEqual({ a: 'UNKNOWN' });
  });

  it('answers at the deadline although the attempt in flight has no answer', async () => {
    const partition = fakePartition();
    partition.next(after(3 * DEADLINE_MS));
    const { publish, answers } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect(answers).toEqual({ a: 'UNKNOWN' });
    await vi.advanceTimersByTimeAsync(3 * DEADLINE_MS);
  });

  it('answers UNAVAILABLE, without sending, when the deadline passes in the queue', async () => {
    const partition = fakePartition();
    partition.next(after(3 * DEADLINE_MS));
    const { publish, answers } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(1);
    void publish('b');
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect(answers).toEqual({ a: 'UNKNOWN', b: 'UNAVAILABLE' });
    await vi.advanceTimersByTimeAsync(3 * DEADLINE_MS);
    expect(partition.batches).toEqual([['a']]);
  });

  it('goes on with the next batch after one of unknown outcome', async () => {
    const partition = fakePartition();
    partition.next(after(DEADLINE_MS + 500, fail()));
    const { publish, answers } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    void publish('b');
    await vi.advanceTimersByTimeAsync(600);
    expect(answers).toEqual({ a: 'UNKNOWN', b: 0 });
  });

  it('gives up an attempt that is never answered', async () => {
    const partition = fakePartition();
    partition.next(never);
    const { publish, answers, lane } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(10_000);
    void publish('b');
    await vi.advanceTimersByTimeAsync(10);
    expect(answers).toEqual({ a: 'UNKNOWN', b: 0 });
    await lane.idle();
  });

  it('answers OVERLOADED once its queue is full, and what was accepted is not touched', async () => {
    const partition = fakePartition();
    partition.next(after(10));
    const { publish, answers } = laneTo(partition, { maxRecords: 1 });
    void publish('a');
    await vi.advanceTimersByTimeAsync(1);
    void publish('b');
    await publish('c');
    await vi.advanceTimersByTimeAsync(20);
    expect(answers).toEqual({ a: 0, b: 1, c: 'OVERLOADED' });
  });

  it('names both bounds of the queue where it refuses', async () => {
    const { lane } = laneTo(fakePartition(), { maxRecords: 1, maxBytes: 99 });
    const first = lane.publish([RECORD], 10, DEADLINE_MS);
    await expect(lane.publish([RECORD], 10, DEADLINE_MS)).rejects.toThrow(/at most 1 records and 99 bytes/);
    await first;
  });

  it.each([
    ['BODY_TOO_LARGE', { type: 'MESSAGE_TOO_LARGE' }],
    ['INTERNAL', { type: 'TOPIC_AUTHORIZATION_FAILED' }],
    ['INTERNAL', { cause: Object.assign(new Error('inner'), { type: 'INVALID_RECORD' }) }],
    ['INTERNAL', { name: 'TypeError' }],
  ])('answers %s at once when the brokers refuse for good: %j', async (code, error) => {
    const partition = fakePartition();
    partition.next(fail(error));
    const { publish, answers } = laneTo(partition);
    await publish('a');
    expect(answers).toEqual({ a: code });
    expect(partition.batches).toHaveLength(1);
  });

  it('answers UNKNOWN when a refusal follows an attempt that may have worked', async () => {
    const partition = fakePartition();
    partition.next(fail(), fail({ type: 'TOPIC_AUTHORIZATION_FAILED' }));
    const { publish, answers } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(100);
    expect(answers).toEqual({ a: 'UNKNOWN' });
  });

  it('answers everything at once when it is aborted, and makes no further attempt', async () => {
    const partition = fakePartition();
    partition.next(after(50, fail()));
    const { publish, answers, lane } = laneTo(partition);
    void publish('a');
    await vi.advanceTimersByTimeAsync(1);
    void publish('b');
    lane.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(answers).toEqual({ a: 'UNKNOWN', b: 'UNAVAILABLE' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(partition.batches).toEqual([['a']]);
  });

  it('is idle only when nothing waits and nothing is in flight', async () => {
    const partition = fakePartition();
    partition.next(after(10), after(10));
    const { publish, lane } = laneTo(partition);
    let isIdle = false;
    void publish('a');
    await vi.advanceTimersByTimeAsync(1);
    void publish('b');
    void lane.idle().then(() => (isIdle = true));
    await vi.advanceTimersByTimeAsync(15);
    expect(isIdle).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    expect(isIdle).toBe(true);
  });

  it('gives a turn its place in the order: nothing is in flight in it, and nothing is sent before it is over', async () => {
    const partition = fakePartition();
    partition.next(after(10));
    const { publish, answers, lane } = laneTo(partition);
    const turn = fakeTurn();
    void publish('a');
    lane.reserve(turn, RECORD_SIZE, performance.now() + DEADLINE_MS);
    void publish('b');
    await vi.advanceTimersByTimeAsync(5);
    expect(turn.calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(turn.calls).toEqual(['take']);
    expect(partition.batches).toEqual([['a']]);
    turn.over();
    await vi.advanceTimersByTimeAsync(0);
    expect(answers).toEqual({ a: 0, b: 1 });
  });

  it('gives a turn up at its deadline, once, whether or not it has come to it', async () => {
    const partition = fakePartition();
    const { lane } = laneTo(partition);
    const [taken, waiting] = [fakeTurn(), fakeTurn()];
    lane.reserve(taken, RECORD_SIZE, performance.now() + DEADLINE_MS);
    lane.reserve(waiting, RECORD_SIZE, performance.now() + DEADLINE_MS);
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect([taken.calls, waiting.calls]).toEqual([['take', 'give up'], ['give up']]);
    taken.over();
    await lane.idle();
    expect(lane.queuedCount).toBe(0);
  });

  it('counts the records of a turn among those that wait, and gives it up at once where there is no room', async () => {
    const partition = fakePartition();
    const { publish, answers, lane } = laneTo(partition, { maxRecords: 3 });
    const [fitting, tooMuch] = [fakeTurn(), fakeTurn()];
    expect(lane.hasRoomFor({ recordCount: 4, bytes: 1 })).toBe(true);
    lane.reserve(fitting, { recordCount: 3, bytes: 30 }, performance.now() + DEADLINE_MS);
    expect([lane.queuedCount, lane.hasRoomFor({ recordCount: 1, bytes: 1 })]).toEqual([3, false]);
    lane.reserve(tooMuch, RECORD_SIZE, performance.now() + DEADLINE_MS);
    expect(tooMuch.calls).toEqual(['give up']);
    await publish('a');
    expect(answers).toEqual({ a: 'OVERLOADED' });
    fitting.over();
    await lane.idle();
    expect(fitting.calls).toEqual(['take']);
  });

  it('gives every turn up when it is aborted', async () => {
    const { lane } = laneTo(fakePartition());
    const [taken, waiting] = [fakeTurn(), fakeTurn()];
    lane.reserve(taken, RECORD_SIZE, performance.now() + DEADLINE_MS);
    await vi.advanceTimersByTimeAsync(0);
    lane.reserve(waiting, RECORD_SIZE, performance.now() + DEADLINE_MS);
    lane.abort();
    expect([taken.calls, waiting.calls]).toEqual([['take', 'give up'], ['give up']]);
    taken.over();
    await lane.idle();
  });

  it('keeps the order of what it acknowledges, however attempts go', async () => {
    const partition = fakePartition();
    let seed = 7;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    partition.next(
      ...Array.from({ length: 200 }, () => (random() < 0.4 ? after(random() * 30, fail()) : after(random() * 30))),
    );
    const { publish, answers } = laneTo(partition, { batchMaxRecords: 3 });
    for (let n = 0; n < 100; n += 1) {
      void publish(String(n));
      if (random() < 0.5) await vi.advanceTimersByTimeAsync(random() * 40);
    }
    await vi.advanceTimersByTimeAsync(20_000);
    const acknowledged = Object.entries(answers).filter(([, offset]) => typeof offset === 'number');
    expect(acknowledged.length).toBeGreaterThan(50);
    expect(acknowledged.map(([name, offset]) => partition.log[Number(offset)] === name)).not.toContain(false);
    const offsets = Array.from({ length: 100 }, (_, n) => answers[String(n)]).filter(
      (offset) => typeof offset === 'number',
    );
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
  });
});
