import { describe, expect, it } from 'vitest';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findRefusals } from './find-refusals.ts';

const refused = (retryable: boolean | null) => {
  const error = { session: 2, receipt: 'r5', clientMessageId: 'd', code: 'IDEMPOTENCY_CONFLICT' };
  return findRefusals(recordedRun([...STORY, { type: 'error', at: 1, ...error, retryable }]));
};

describe('a refusal', () => {
  it('is allowed where trying again can help, or where nobody says', () => {
    expect(findRefusals(recordedRun(STORY))).toEqual([]);
    expect(refused(true)).toEqual([]);
    expect(refused(null)).toEqual([]);
  });

  it('is wrong where it is for good', () => {
    expect(refused(false)).toEqual(['session 2 was refused r5 for good at 1 ms: IDEMPOTENCY_CONFLICT']);
  });
});
