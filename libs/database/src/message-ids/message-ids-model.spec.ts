import { createLogger, ChatError } from '@chat/service-kit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tickOf } from './layout.ts';
import { openMessageIds, type MessageIds, type MessageIdsOptions } from './message-ids.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 0, 1);

interface NumberRow {
  holder: string | null;
  until: number;
}

/** What becomes of a request to Postgres; a 'kept' one is done, and answered when the process thaws. */
type Fate = 'well' | 'request lost' | 'answer lost' | 'kept';

/** The table with one number, which all want; by a clock of its own that nobody can trust either. */
class NumberTable {
  readonly row: NumberRow = { holder: null, until: 0 };
  clockOffsetMs = 0;

  get #now(): number {
    return tickOf(Date.now() + this.clockOffsetMs);
  }

  acquire(holder: string, ticks: number) {
    const { row } = this;
    if (row.holder !== null && row.until > this.#now) return null;
    const from = row.until;
    Object.assign(row, { holder, until: Math.max(row.until, this.#now) + ticks });
    return { number: 0, from, until: row.until };
  }

  extend(holder: string, ticks: number): number | null {
    if (this.row.holder !== holder) return null;
    this.row.until = Math.max(this.row.until, this.#now + ticks);
    return this.row.until;
  }

  release(holder: string, unusedFrom: number): void {
    if (this.row.holder !== holder) return;
    Object.assign(this.row, { holder: null, until: Math.min(this.row.until, unusedFrom) });
  }
}

/** An instance with a clock and a link of its own; `start` makes a new process of it, whatever became of the last one. */
class Instance {
  /** Of the next requests, in order; the last one is that of all further ones. */
  fates: readonly Fate[] = ['well'];
  clockOffsetMs = 0;
  readonly #table: NumberTable;
  #process: { ids: MessageIds; isAlive: boolean } | null = null;
  #kept: (() => void)[] = [];
  #last = -1;

  constructor(table: NumberTable) {
    this.#table = table;
  }

  async start(): Promise<void> {
    await this.stop();
    const repository = this.#repository(() => process.isAlive);
    const ids = openMessageIds({ repository, clock: { now: () => this.#now() }, logger });
    const process = { ids, isAlive: true };
    this.#process = process;
    this.#last = -1;
    void ids.start().catch(() => {});
    await vi.advanceTimersByTimeAsync(0);
  }

  async stop(): Promise<void> {
    const process = this.#process;
    this.#process = null;
    void process?.ids.stop().catch(() => {});
    await vi.advanceTimersByTimeAsync(0);
  }

  /** Gone without a word, and there again. */
  async kill(): Promise<void> {
    if (this.#process !== null) this.#process.isAlive = false;
    this.#process = null;
    await this.start();
  }

  async thaw(): Promise<void> {
    for (const answer of this.#kept.splice(0)) answer();
    await vi.advanceTimersByTimeAsync(0);
  }

  /** Ids, rising; none where it has none to give. */
  make(count: number): number[] {
    const made: number[] = [];
    try {
      while (this.#process !== null && made.length < count) made.push(this.#process.ids.next());
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
    }
    for (const id of made) {
      if (id <= this.#last) throw new Error(`${id} after ${this.#last}`);
      this.#last = id;
    }
    return made;
  }

  #now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  #repository(isAlive: () => boolean): MessageIdsOptions['repository'] {
    return {
      acquireNumber: (holder, ticks) => this.#ask(isAlive, () => this.#table.acquire(holder, ticks)),
      extendNumber: (_, holder, ticks) => this.#ask(isAlive, () => this.#table.extend(holder, ticks)),
      releaseNumber: (_, holder, unusedFrom) => this.#ask(isAlive, () => this.#table.release(holder, unusedFrom)),
    };
  }

  async #ask<Answer>(isAlive: () => boolean, request: () => Answer): Promise<Answer> {
    const [fate = 'well', ...further] = this.fates;
    if (further.length > 0) this.fates = further;
    if (fate === 'request lost' || !isAlive()) throw new ChatError('UNAVAILABLE');
    const answer = request();
    if (fate === 'answer lost') throw new ChatError('UNAVAILABLE');
    if (fate === 'kept') await new Promise<void>((resolve) => this.#kept.push(resolve));
    return answer;
  }
}

const INSTANCE_COUNT = 2;
const anyStep = fc.record({
  instance: fc.nat(INSTANCE_COUNT - 1),
  act: fc.oneof(
    { weight: 6, arbitrary: fc.constant('make' as const) },
    { weight: 4, arbitrary: fc.constantFrom('time' as const, 'link' as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom('start' as const, 'kill' as const, 'stop' as const, 'clock' as const, 'thaw' as const),
    },
    { weight: 1, arbitrary: fc.constantFrom('clock of postgres' as const) },
  ),
  fates: fc.array(fc.constantFrom<Fate>('well', 'well', 'request lost', 'answer lost', 'kept'), {
    minLength: 1,
    maxLength: 4,
  }),
  minutes: fc.constantFrom(1, 61),
  clockMinutes: fc.constantFrom(-600, 0),
  count: fc.constantFrom(1, 2, 200),
});

describe('message ids of instances that share a number', () => {
  beforeEach(() => void vi.useFakeTimers({ now: START }));
  afterEach(() => void vi.useRealTimers());

  it('are made once by an instance that took the number again and never learnt of it', async () => {
    const table = new NumberTable();
    const [ours, other] = [new Instance(table), new Instance(table)];
    await ours.start();
    ours.fates = ['request lost'];
    await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);
    await other.start();
    const made = other.make(3);
    expect(made).toHaveLength(3);
    other.fates = ['request lost'];
    await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);
    ours.fates = ['well', 'answer lost', 'well']; // the number is lost; it is acquired, unheard; then extended
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    ours.clockOffsetMs = -62 * MINUTE_MS;
    for (const id of ours.make(500)) expect(made).not.toContain(id);
  });

  it('are made once, whatever answers are lost or late, whoever is frozen, and wherever clocks step', async () => {
    let madeCount = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
        vi.setSystemTime(START);
        const table = new NumberTable();
        const instances = Array.from({ length: INSTANCE_COUNT }, () => new Instance(table));
        for (const instance of instances) await instance.start();
        const seen = new Set<number>();
        for (const { instance: index, act, fates, minutes, clockMinutes, count } of steps) {
          const instance = instances[index];
          if (instance === undefined) throw new Error('no such instance');
          if (act === 'time') await vi.advanceTimersByTimeAsync(minutes * MINUTE_MS);
          if (act === 'link') instance.fates = fates;
          if (act === 'start' || act === 'stop' || act === 'kill' || act === 'thaw') await instance[act]();
          if (act === 'clock') instance.clockOffsetMs = clockMinutes * MINUTE_MS;
          if (act === 'clock of postgres') table.clockOffsetMs = clockMinutes * MINUTE_MS;
          if (act !== 'make') continue;
          for (const id of instance.make(count)) {
            if (seen.has(id)) throw new Error(`${id} was made twice, in tick ${Math.floor(id / 65_536)}`);
            seen.add(id);
          }
        }
        madeCount += seen.size;
        vi.clearAllTimers();
      }),
      { numRuns: 300 },
    );
    expect(madeCount).toBeGreaterThan(1_000);
  }, 60_000);
});
