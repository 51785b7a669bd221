import { ChatError } from '@chat/service-kit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TRANSACTION_TIMEOUT_MS } from './client.ts';
import { PartitionLane } from './partition-lane.ts';
import type { QueueLimits } from './record-queue.ts';
import type { TransactionPart } from './transaction-parts.ts';
import { Transactions } from './transactions.ts';

const DEADLINE_MS = 1_000;
const LIMITS: QueueLimits = { maxRecords: 100, maxBytes: 10_000, batchMaxRecords: 10, batchMaxBytes: 1_000 };
const PARTITIONS = 4;

/** What a request comes to: whether brokers do it, and what is heard of it, after so many ms. */
interface Fate {
  readonly ms?: number;
  readonly isDone?: boolean;
  readonly heard?: 'yes' | 'failure' | 'nothing';
  readonly error?: object;
}
type Request = 'plain' | 'initialise' | 'append' | 'commit';

interface LogRecord {
  readonly name: string;
  state: 'open' | 'visible' | 'aborted';
}

/** Brokers with a few partitions, and producers as the library has them; the test decides what becomes of each request. */
function fakeCluster(fateOf: (request: Request) => Fate = () => ({})) {
  const logs = Array.from({ length: PARTITIONS }, (): LogRecord[] => []);
  const requests: string[] = [];
  const held = new Set<number>();
  const inFlight = new Set<number>();
  let open: LogRecord[] = [];
  let epoch = 0;
  let producer: { readonly epoch: number } | null = null;

  async function ask<Value>(request: Request, doIt: () => Value): Promise<Value> {
    const { ms = 1, isDone = true, heard = 'yes', error = {} } = fateOf(request);
    await new Promise((resolve) => setTimeout(resolve, ms));
    const value = isDone ? doIt() : undefined;
    if (heard === 'nothing') return new Promise(() => {});
    if (heard === 'failure' || value === undefined) throw Object.assign(new Error(`${request} failed`), error);
    return value;
  }

  /** Only the newest producer is listened to. */
  const own = <Value>(doIt: () => Value) => {
    const asking = producer?.epoch;
    return () => {
      if (asking !== epoch) throw Object.assign(new Error('fenced'), { type: 'INVALID_PRODUCER_EPOCH' });
      return doIt();
    };
  };

  const append = (partition: number, names: readonly string[], state: LogRecord['state']) => {
    const records = names.map((name): LogRecord => ({ name, state }));
    if (state === 'open') open.push(...records);
    return (logs[partition] ?? []).push(...records) - records.length;
  };
  const end = (state: 'visible' | 'aborted') => {
    for (const record of open) record.state = state;
    open = [];
    return true;
  };

  return {
    requests,
    /** What a reader of committed records is given of a partition. */
    visible: (partition: number) => (logs[partition] ?? []).filter(({ state }) => state === 'visible'),
    nameAt: (partition: number, offset: number) => logs[partition]?.[offset]?.name,
    isOpen: () => open.length > 0,
    appendPlain: async (partition: number, names: readonly string[]) => {
      expect(held.has(partition)).toBe(false);
      expect(inFlight.has(partition)).toBe(false);
      inFlight.add(partition);
      requests.push(`${partition}: ${names.join(' ')}`);
      try {
        return await ask('plain', () => append(partition, names, 'visible'));
      } finally {
        inFlight.delete(partition);
      }
    },
    transport: {
      initialise: async () => {
        if (producer !== null) return;
        requests.push('initialise');
        const mine = await ask('initialise', () => {
          end('aborted');
          return { epoch: (epoch += 1) };
        });
        producer = mine;
      },
      append: (_topic: string, parts: readonly TransactionPart[]) => {
        for (const { partition } of parts) {
          expect(inFlight.has(partition)).toBe(false);
          held.add(partition);
        }
        requests.push(`append ${parts.flatMap(({ records }) => records.map(({ key }) => String(key))).join(' ')}`);
        return ask(
          'append',
          own(() => parts.map(({ partition, records }) => append(partition, records.map(nameOf), 'open'))),
        );
      },
      commit: async () => {
        requests.push('commit');
        await ask(
          'commit',
          own(() => end('visible')),
        );
        held.clear();
      },
      discard: () => {
        requests.push('discard');
        producer = null;
        held.clear();
      },
      close: () => Promise.resolve(),
    },
  };
}

const nameOf = ({ key }: { readonly key: unknown }) => String(key);
const recordOf = (name: string) => ({ key: name, value: null, headers: {} });

function publisherOf(cluster: ReturnType<typeof fakeCluster>, limits: Partial<QueueLimits> = {}) {
  const now = () => performance.now();
  const lanes = Array.from(
    { length: PARTITIONS },
    (_, partition) =>
      new PartitionLane({
        append: (records) => cluster.appendPlain(partition, records.map(nameOf)),
        limits: { ...LIMITS, ...limits },
        now,
      }),
  );
  const transactions = new Transactions({ transport: cluster.transport, now });
  const answers: Record<string, number | readonly number[] | ChatError['code']> = {};
  const note = (name: string, answer: Promise<number | readonly number[]>) =>
    answer.then(
      (place) => (answers[name] = place),
      (error: unknown) => (answers[name] = error instanceof ChatError ? error.code : 'INTERNAL'),
    );
  return {
    lanes,
    transactions,
    answers,
    alone: (name: string, partition: number) =>
      note(name, (lanes[partition] as PartitionLane).publish([recordOf(name)], 10, DEADLINE_MS)), // one for each partition
    together: (name: string, ...partitions: readonly number[]) => {
      const inLanes = partitions.map((partition, place) => ({
        part: { partition, records: [recordOf(name)], bytes: 10, places: [place] },
        lane: lanes[partition] as PartitionLane, // one for each partition
      }));
      return note(name, transactions.publish('topic', inLanes, DEADLINE_MS));
    },
    settled: () => Promise.all(lanes.map((lane) => lane.idle())),
  };
}

/** The fates given, per kind of request; once used up all is well. */
function fates(given: Partial<Record<Request, readonly Fate[]>>) {
  const left = new Map(Object.entries(given).map(([request, list]) => [request, [...list]]));
  return (request: Request): Fate => left.get(request)?.shift() ?? {};
}

const NOT_DONE: Fate = { isDone: false, heard: 'failure' };
const ANSWER_LOST: Fate = { heard: 'failure' };
const HANGS: Fate = { isDone: false, heard: 'nothing' };
const many = (fate: Fate) => Array.from({ length: 50 }, () => fate);

describe('publishing to several partitions together', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('takes its place in the order of each partition at the call', async () => {
    const cluster = fakeCluster();
    const { alone, together, answers, settled } = publisherOf(cluster);
    void alone('a', 0);
    void together('b', 0, 1);
    void alone('c', 0);
    void alone('d', 1);
    await vi.advanceTimersByTimeAsync(50);
    expect(cluster.requests.slice(0, 4)).toEqual(['0: a', 'initialise', 'append b b', 'commit']);
    expect(cluster.requests.slice(4).sort()).toEqual(['0: c', '1: d']);
    expect(answers).toEqual({ a: 0, b: [1, 0], c: 2, d: 1 });
    await settled();
  });

  it('runs one transaction at a time, and initialises once', async () => {
    const cluster = fakeCluster();
    const { together, settled } = publisherOf(cluster);
    void together('a', 0, 1);
    void together('b', 2, 3);
    void together('c', 0, 3);
    await vi.advanceTimersByTimeAsync(50);
    const [first, ...others] = ['a a', 'b b', 'c c'].flatMap((names) => [`append ${names}`, 'commit']);
    expect(cluster.requests).toEqual(['initialise', first, ...others]);
    await settled();
  });

  it('does not wait for partitions that it has nothing for', async () => {
    const cluster = fakeCluster(fates({ plain: [{ ms: 500 }] }));
    const { alone, together, answers, settled } = publisherOf(cluster);
    void alone('slow', 0);
    void together('held up', 0, 1);
    void together('free', 2, 3);
    await vi.advanceTimersByTimeAsync(50);
    expect(answers).toEqual({ free: [0, 0] });
    await vi.advanceTimersByTimeAsync(500);
    await settled();
  });

  it.each([
    ['UNAVAILABLE', 'initialise', NOT_DONE],
    ['UNAVAILABLE', 'initialise', HANGS],
    ['UNAVAILABLE', 'append', NOT_DONE],
    ['UNAVAILABLE', 'append', ANSWER_LOST],
    ['UNAVAILABLE', 'append', HANGS],
    ['UNKNOWN', 'commit', NOT_DONE],
    ['UNKNOWN', 'commit', HANGS],
  ] as const)('answers %s at the deadline where every %s fails: %j; none of it shows', async (code, request, fate) => {
    let isBroken = true;
    const cluster = fakeCluster((asked) => (isBroken && asked === request ? fate : {}));
    const { alone, together, answers, settled } = publisherOf(cluster);
    void together('a', 0, 1);
    await vi.advanceTimersByTimeAsync(100);
    void alone('b', 0);
    await vi.advanceTimersByTimeAsync(DEADLINE_MS - 100);
    expect(answers).toMatchObject({ a: code });
    isBroken = false;
    await vi.advanceTimersByTimeAsync(2 * TRANSACTION_TIMEOUT_MS);
    expect(answers).toMatchObject({ b: expect.any(Number) as number });
    expect([cluster.visible(0), cluster.visible(1)].flat().map(({ name }) => name)).toEqual(['b']);
    expect(cluster.isOpen()).toBe(false);
    await settled();
  });

  it.each([
    ['initialise', NOT_DONE],
    ['initialise', ANSWER_LOST],
    ['append', NOT_DONE],
    ['append', ANSWER_LOST],
    ['commit', NOT_DONE],
  ] as const)('tries again where %s fails once: %j; it shows once', async (request, fate) => {
    const cluster = fakeCluster(fates({ [request]: [fate] }));
    const { together, answers, settled } = publisherOf(cluster);
    void together('a', 0, 1);
    await vi.advanceTimersByTimeAsync(200);
    expect(answers).toEqual({ a: [expect.any(Number), expect.any(Number)] });
    expect([cluster.visible(0).length, cluster.visible(1).length]).toEqual([1, 1]);
    expect(cluster.requests.slice(cluster.requests.indexOf('discard'))).toEqual([
      'discard',
      'initialise',
      'append a a',
      'commit',
    ]);
    await settled();
  });

  it('tries again after a commit of unknown outcome, for an exact answer; it shows twice, and readers know repeats', async () => {
    const cluster = fakeCluster(fates({ commit: [ANSWER_LOST] }));
    const { together, answers, settled } = publisherOf(cluster);
    void together('a', 0, 1);
    await vi.advanceTimersByTimeAsync(200);
    expect(answers).toEqual({ a: [1, 1] });
    expect(cluster.visible(0)).toHaveLength(2);
    await settled();
  });

  it('answers UNKNOWN where a commit may have worked, whatever fails behind it', async () => {
    const cluster = fakeCluster(fates({ commit: [ANSWER_LOST], initialise: [{}, ...many(NOT_DONE)] }));
    const { together, answers, settled } = publisherOf(cluster);
    void together('a', 0, 1);
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect(answers).toEqual({ a: 'UNKNOWN' });
    await vi.advanceTimersByTimeAsync(2 * TRANSACTION_TIMEOUT_MS);
    await settled();
  });

  it('never commits what it has said is not published', async () => {
    const cluster = fakeCluster(fates({ append: [{ ms: DEADLINE_MS }] }));
    const { together, answers, settled } = publisherOf(cluster);
    void together('a', 0, 1);
    await vi.advanceTimersByTimeAsync(DEADLINE_MS + 100);
    expect(answers).toEqual({ a: 'UNAVAILABLE' });
    expect(cluster.requests).not.toContain('commit');
    await settled();
  });

  it.each([
    ['BODY_TOO_LARGE', { type: 'MESSAGE_TOO_LARGE' }],
    ['INTERNAL', { type: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED' }],
  ])('answers %s at once where the brokers refuse for good: %j; what was appended is ended', async (code, error) => {
    const cluster = fakeCluster(fates({ append: [{ heard: 'failure', error }] }));
    const { together, answers, settled } = publisherOf(cluster);
    void together('a', 0, 1);
    await vi.advanceTimersByTimeAsync(10);
    expect(answers).toEqual({ a: code });
    expect(cluster.isOpen()).toBe(false);
    expect(cluster.requests.filter((request) => request === 'append a a')).toHaveLength(1);
    await settled();
  });

  it('ends what it left open although nothing else is published, as soon as brokers let it', async () => {
    const down = many(NOT_DONE).slice(0, 5);
    const cluster = fakeCluster(
      fates({ append: [{ ...ANSWER_LOST, ms: DEADLINE_MS - 10 }], initialise: [{}, ...down] }),
    );
    const { together, answers, settled } = publisherOf(cluster);
    void together('a', 0, 1);
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect(answers).toEqual({ a: 'UNAVAILABLE' });
    expect(cluster.isOpen()).toBe(true);
    await vi.advanceTimersByTimeAsync(5 * 500);
    expect(cluster.isOpen()).toBe(false);
    await settled();
  });

  it('leaves what it cannot end to the brokers, which end it after its timeout', async () => {
    const cluster = fakeCluster(fates({ append: many(ANSWER_LOST), initialise: [{}, ...many(HANGS)] }));
    const { together, settled } = publisherOf(cluster);
    void together('a', 0, 1);
    await vi.advanceTimersByTimeAsync(DEADLINE_MS + 2 * TRANSACTION_TIMEOUT_MS);
    const asked = cluster.requests.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(cluster.requests).toHaveLength(asked);
    await settled();
  });

  it('answers UNAVAILABLE, and leaves every queue, where its turn does not come in time', async () => {
    const cluster = fakeCluster(fates({ plain: [{ ms: 3 * DEADLINE_MS }] }));
    const { alone, together, answers, lanes, settled } = publisherOf(cluster);
    void alone('stuck', 0);
    await vi.advanceTimersByTimeAsync(10);
    void together('a', 0, 1);
    await vi.advanceTimersByTimeAsync(10);
    void alone('b', 1);
    await vi.advanceTimersByTimeAsync(DEADLINE_MS - 10);
    expect(answers).toMatchObject({ a: 'UNAVAILABLE' });
    expect(lanes.map(({ queuedCount }) => queuedCount)).toEqual([0, 0, 0, 0]);
    await vi.advanceTimersByTimeAsync(5);
    expect(answers).toMatchObject({ b: 0 });
    await vi.advanceTimersByTimeAsync(3 * DEADLINE_MS);
    expect(cluster.requests).toEqual(['0: stuck', '1: b']);
    await settled();
  });

  it('answers OVERLOADED where one queue is full, and is in none', async () => {
    const cluster = fakeCluster();
    const { alone, together, answers, lanes, settled } = publisherOf(cluster, { maxRecords: 1 });
    void alone('a', 1);
    void together('b', 0, 1, 2);
    expect(lanes.map(({ queuedCount }) => queuedCount)).toEqual([0, 1, 0, 0]);
    await vi.advanceTimersByTimeAsync(10);
    expect(answers).toEqual({ a: 0, b: 'OVERLOADED' });
    expect(cluster.requests).toEqual(['1: a']);
    await settled();
  });

  it.each([
    ['UNAVAILABLE', 'append'],
    ['UNKNOWN', 'commit'],
  ] as const)(
    'answers %s at once when it is aborted in its %s, as it does to those that wait',
    async (code, request) => {
      const cluster = fakeCluster(fates({ [request]: [{ ms: 500 }] }));
      const { together, answers, lanes, transactions, settled } = publisherOf(cluster);
      void together('a', 0, 1);
      void together('b', 2, 3);
      void together('c', 1, 2);
      await vi.advanceTimersByTimeAsync(100);
      for (const lane of lanes) lane.abort();
      await transactions.close();
      await settled();
      expect(answers).toEqual({ a: code, b: 'UNAVAILABLE', c: 'UNAVAILABLE' });
      const asked = cluster.requests.length;
      await vi.advanceTimersByTimeAsync(10_000);
      expect(cluster.requests).toHaveLength(asked);
    },
  );

  const call = fc.record({
    partitions: fc.uniqueArray(fc.integer({ min: 0, max: PARTITIONS - 1 }), { minLength: 1, maxLength: PARTITIONS }),
    waitMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 80 })),
  });
  const calls = fc.array(call, { minLength: 1, maxLength: 40 });
  type Calls = typeof calls extends fc.Arbitrary<infer Value> ? Value : never;

  /** Makes the calls, each by its number, and waits until nothing is under way. Answers what readers are shown, repeats left out. */
  async function run(given: Calls, cluster: ReturnType<typeof fakeCluster>) {
    const { alone, together, answers, settled } = publisherOf(cluster);
    for (const [n, { partitions, waitMs }] of given.entries()) {
      const [only, ...others] = partitions;
      if (others.length === 0) void alone(String(n), only ?? 0);
      else void together(String(n), ...partitions);
      if (waitMs > 0) await vi.advanceTimersByTimeAsync(waitMs);
    }
    await vi.advanceTimersByTimeAsync(DEADLINE_MS);
    expect(Object.keys(answers)).toHaveLength(given.length);
    await vi.advanceTimersByTimeAsync(2 * TRANSACTION_TIMEOUT_MS);
    await settled();
    expect(vi.getTimerCount()).toBe(0);
    const shown = Array.from({ length: PARTITIONS }, (_, partition) => [
      ...new Set(cluster.visible(partition).map(({ name }) => Number(name))),
    ]);
    return { answers, shown };
  }

  it('never waits for itself: where nothing fails everything is published, in the order of the calls', async () => {
    const property = fc.asyncProperty(calls, async (given) => {
      const { answers, shown } = await run(given, fakeCluster());
      expect(Object.values(answers).filter((answer) => typeof answer === 'string')).toEqual([]);
      for (const [partition, names] of shown.entries()) {
        const called = [...given.keys()].filter((n) => given[n]?.partitions.includes(partition));
        expect(names).toEqual(called);
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('answers everything in time, keeps the order of the calls in each partition, and shows all or none, whatever happens', async () => {
    const fate: fc.Arbitrary<Fate> = fc.oneof(
      { weight: 6, arbitrary: fc.record({ ms: fc.integer({ min: 1, max: 60 }) }) },
      { weight: 1, arbitrary: fc.constant(NOT_DONE) },
      { weight: 1, arbitrary: fc.constant(ANSWER_LOST) },
    );
    const transactionFate: fc.Arbitrary<Fate> = fc.oneof(
      { weight: 8, arbitrary: fate },
      { weight: 1, arbitrary: fc.constantFrom<Fate>(HANGS, { heard: 'nothing' }) },
      { weight: 1, arbitrary: fc.constant({ ms: 700 }) },
    );
    const requests = fc.record({
      plain: fc.array(fate, { maxLength: 40 }),
      initialise: fc.array(transactionFate, { maxLength: 10 }),
      append: fc.array(transactionFate, { maxLength: 20 }),
      commit: fc.array(transactionFate, { maxLength: 20 }),
    });
    const property = fc.asyncProperty(calls, requests, async (given, fateOf) => {
      const cluster = fakeCluster(fates(fateOf));
      const { answers, shown } = await run(given, cluster);
      for (const names of shown) expect(names).toEqual(names.toSorted((a, b) => a - b));
      for (const [n, { partitions }] of given.entries()) {
        const answer = answers[n];
        const showing = partitions.filter((partition) => shown[partition]?.includes(n)).length;
        if (answer === 'UNAVAILABLE') expect(showing).toBe(0);
        else if (answer === 'UNKNOWN') expect([0, partitions.length]).toContain(showing);
        else {
          expect(showing).toBe(partitions.length);
          const offsets = [answer].flat().map(Number);
          const names = offsets.map((offset, part) => cluster.nameAt(partitions[part] ?? -1, offset));
          expect(names).toEqual(partitions.map(() => String(n)));
        }
      }
    });
    await fc.assert(property, { numRuns: 500 });
  });
});
