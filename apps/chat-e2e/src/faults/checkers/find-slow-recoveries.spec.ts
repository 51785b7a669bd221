import { describe, expect, it } from 'vitest';
import { changed, is, without } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findSlowRecoveries } from './find-slow-recoveries.ts';

const slowIn = (events: typeof STORY) => findSlowRecoveries(recordedRun(events));

describe('a recovery', () => {
  it('is in time where it took no longer than allowed', () => {
    expect(slowIn(STORY)).toEqual([]);
  });

  it.each([
    ['ready', 30_000, 'ws-gateway-1 ready again'],
    ['caughtUp', 60_000, 'everything stored'],
    ['firstMessage', 5_000, 'a new message delivered'],
  ] as const)('is too slow, or none, past the deadline of %s', (type, deadlineMs, what) => {
    const took = (afterMs: number | null) => slowIn(changed(STORY, is(type), () => ({ afterMs })));
    expect(took(deadlineMs)).toEqual([]);
    expect(took(deadlineMs + 1)).toEqual([`${what}: after ${deadlineMs + 1} ms, allowed are ${deadlineMs}`]);
    expect(took(null)).toEqual([`${what}: not at all, allowed are ${deadlineMs}`]);
  });

  it.each(['healed', 'ready', 'caughtUp', 'firstMessage'] as const)('is none where nobody looked: %s', (type) => {
    expect(slowIn(without(STORY, is(type)))).toHaveLength(1);
  });
});
