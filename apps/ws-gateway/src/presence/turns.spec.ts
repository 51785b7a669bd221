import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

describe('turns', () => {
  it('come to each once in so many, for the first time after all others, however items come and go', () => {
    const step = fc.record({ add: fc.nat(5), remove: fc.option(fc.nat(5), { freq: 3 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step), (turnCount, steps) => {
        const turns = new Turns<number>(turnCount);
        const dueAt = new Map<number, number>();
        for (const [turn, { add, remove }] of steps.entries()) {
          turns.add(add);
          if (!dueAt.has(add)) dueAt.set(add, turn + turnCount - 1);
          if (remove !== null) {
            turns.delete(remove);
            dueAt.delete(remove);
          }
          const expected = [...dueAt].filter(([, at]) => at === turn).map(([item]) => item);
          expect([...turns.next()].sort()).toEqual(expected.sort());
          for (const item of expected) dueAt.set(item, turn + turnCount);
        }
      }),
    );
  });
});
