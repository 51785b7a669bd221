import type { PositionVerdict } from '@chat/kafka';
import { describe, expect, it } from 'vitest';
import { planNextEpoch } from './next-epoch.ts';

const topic = { name: 'chat-messages', partitionCount: 2 };
const open = { epoch: 1, topic };
const at = (next: number) => ({ next, last: null });

function planOf(verdicts: readonly PositionVerdict[], now = topic) {
  return planNextEpoch({
    open,
    topic: now,
    positions: new Map([
      [0, at(5)],
      [1, at(7)],
    ]),
    ranges: new Map([
      [0, { start: 0, end: 9 }],
      [1, { start: 0, end: 9 }],
    ]),
    verdicts: new Map(verdicts.entries()),
  });
}

describe('the plan of the next log epoch', () => {
  it('has no problem where every position may be one of the log', () => {
    expect(planOf([{ kind: 'proven' }, { kind: 'possible' }]).problems).toEqual([]);
    expect(planOf([]).problems).toEqual([]);
  });

  it('has no partition go on where the topic was made anew', () => {
    const plan = planOf([
      { kind: 'refused', reason: 'a' },
      { kind: 'refused', reason: 'b' },
    ]);
    expect(plan).toEqual({ problems: ['a', 'b'], carried: [], unstoredCount: 0 });
  });

  it('has partitions go on whose last record was found, and counts what lies behind them', () => {
    const plan = planOf([{ kind: 'proven' }, { kind: 'possible' }], { ...topic, partitionCount: 4 });
    expect(plan.problems).toEqual(['chat-messages has 4 partitions; log epoch 1 was opened with 2']);
    expect(plan).toMatchObject({ carried: [0], unstoredCount: 4 });
  });
});
