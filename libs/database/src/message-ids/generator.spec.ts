import { MessageIdSchema } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageIdGenerator } from './generator.ts';
import {
  composeMessageId,
  INSTANCE_NUMBER_COUNT,
  MESSAGE_ID_EPOCH_MS,
  messageIdParts,
  SEQUENCE_COUNT,
  TICK_MS,
  tickOf,
} from './layout.ts';

const NOW = MESSAGE_ID_EPOCH_MS + 1_000_000 * TICK_MS;
const interval = { number: 7, from: 0, until: 2_000_000 };

function generatorWith(given = interval): MessageIdGenerator {
  const generator = new MessageIdGenerator();
  generator.use(given);
  return generator;
}

describe('the layout of message ids', () => {
  it('takes 53 bits, so that every id is an exact number', () => {
    const largest = composeMessageId({
      tick: 2 ** 37 - 1,
      number: INSTANCE_NUMBER_COUNT - 1,
      sequence: SEQUENCE_COUNT - 1,
    });
    expect(largest).toBe(Number.MAX_SAFE_INTEGER);
    expect(MessageIdSchema.safeParse(largest).success).toBe(true);
  });

  it('can be taken apart again', () => {
    fc.assert(
      fc.property(
        fc.record({
          tick: fc.nat(2 ** 37 - 1),
          number: fc.nat(INSTANCE_NUMBER_COUNT - 1),
          sequence: fc.nat(SEQUENCE_COUNT - 1),
        }),
        (parts) => {
          expect(messageIdParts(composeMessageId(parts))).toEqual(parts);
        },
      ),
    );
  });
});

describe('a generator of message ids', () => {
  it('puts time first, then the instance, then the sequence', () => {
    const generator = generatorWith();
    expect(messageIdParts(generator.next(NOW))).toEqual({ tick: tickOf(NOW), number: 7, sequence: 0 });
    expect(messageIdParts(generator.next(NOW))).toEqual({ tick: tickOf(NOW), number: 7, sequence: 1 });
    expect(messageIdParts(generator.next(NOW + TICK_MS))).toEqual({ tick: tickOf(NOW) + 1, number: 7, sequence: 0 });
  });

  it('goes on in the next tick when a tick is used up', () => {
    const generator = generatorWith();
    for (let count = 0; count < SEQUENCE_COUNT; count += 1) generator.next(NOW);
    expect(messageIdParts(generator.next(NOW))).toEqual({ tick: tickOf(NOW) + 1, number: 7, sequence: 0 });
  });

  it('rises while the clock goes back', () => {
    const generator = generatorWith();
    const before = generator.next(NOW);
    expect(generator.next(NOW - 3_600_000)).toBeGreaterThan(before);
  });

  it('begins where its interval does, even ahead of the clock', () => {
    const from = tickOf(NOW) + 500;
    expect(messageIdParts(generatorWith({ ...interval, from }).next(NOW)).tick).toBe(from);
  });

  it('refuses past the end of its interval, retryably, and goes on once that is extended', () => {
    const until = tickOf(NOW) + 1;
    const generator = generatorWith({ ...interval, until });
    expect(messageIdParts(generator.next(NOW)).tick).toBe(until - 1);
    const refusal = expect.objectContaining({ code: 'UNAVAILABLE', retryable: true });
    expect(() => generator.next(NOW + TICK_MS)).toThrow(refusal);
    for (let count = 1; count < SEQUENCE_COUNT; count += 1) generator.next(NOW);
    expect(() => generator.next(NOW)).toThrow(refusal);
    generator.use({ ...interval, until: until + 1 });
    expect(messageIdParts(generator.next(NOW)).tick).toBe(until);
  });

  it('makes none before it has an interval', () => {
    expect(() => new MessageIdGenerator().next(NOW)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  it('stays above its last id with another number, though that is smaller', () => {
    const generator = generatorWith();
    const last = generator.next(NOW);
    generator.use({ number: 2, from: 0, until: interval.until });
    const next = generator.next(NOW);
    expect(next).toBeGreaterThan(last);
    expect(messageIdParts(next).number).toBe(2);
  });
});

/** The table of numbers as Postgres keeps it, for one number; and processes with clocks that nobody can trust. */
type Step =
  | { readonly kind: 'make'; readonly process: number; readonly count: number }
  | { readonly kind: 'clock'; readonly process: number; readonly byTicks: number }
  | { readonly kind: 'true time'; readonly byTicks: number }
  | { readonly kind: 'acquire' | 'extend' | 'release'; readonly process: number };

const PROCESS_COUNT = 2;
/** Ticks of an interval: so few that intervals end, and ids are made at their very ends. */
const LENGTH = 4;
const anyProcess = fc.nat(PROCESS_COUNT - 1);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('make' as const),
    process: anyProcess,
    count: fc.constantFrom(1, 2, SEQUENCE_COUNT, 3 * SEQUENCE_COUNT),
  }),
  fc.record({ kind: fc.constant('clock' as const), process: anyProcess, byTicks: fc.integer({ min: -6, max: 6 }) }),
  fc.record({ kind: fc.constant('true time' as const), byTicks: fc.nat(6) }),
  fc.record({ kind: fc.constantFrom('acquire' as const, 'extend' as const, 'release' as const), process: anyProcess }),
);

describe('all instances together', () => {
  it('make no id twice, each rising, whatever clocks, freezes and hand-overs do', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => {
        const row: { holder: number | null; until: number } = { holder: null, until: 0 };
        let now = 1_000;
        const processes = Array.from({ length: PROCESS_COUNT }, () => ({
          generator: new MessageIdGenerator(),
          offset: 0,
          last: -1,
        }));
        const seen = new Set<number>();
        for (const step of steps) {
          if (step.kind === 'true time') {
            now += step.byTicks;
            continue;
          }
          const process = processes[step.process];
          if (process === undefined) throw new Error('no such process');
          const { generator } = process;
          if (step.kind === 'clock') process.offset += step.byTicks;
          if (step.kind === 'acquire' && (row.holder === null || row.until <= now)) {
            const from = row.until;
            row.holder = step.process;
            row.until = Math.max(row.until, now) + LENGTH;
            generator.use({ number: 1, from, until: row.until });
          }
          if (step.kind === 'extend' && row.holder === step.process && generator.interval !== null) {
            row.until = Math.max(row.until, now + LENGTH);
            generator.use({ ...generator.interval, until: row.until });
          }
          if (step.kind === 'release' && row.holder === step.process) {
            row.until = Math.min(row.until, generator.unusedFrom);
            row.holder = null;
            process.generator = new MessageIdGenerator(); // it has stopped
            process.last = -1;
          }
          if (step.kind !== 'make') continue;
          for (let count = 0; count < step.count; count += 1) {
            try {
              const id = process.generator.next(MESSAGE_ID_EPOCH_MS + (now + process.offset) * TICK_MS);
              if (seen.has(id) || id <= process.last) throw new Error(`${id} after ${process.last}`);
              seen.add(id);
              process.last = id;
            } catch (error) {
              expect(error).toMatchObject({ code: 'UNAVAILABLE' });
              break;
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
