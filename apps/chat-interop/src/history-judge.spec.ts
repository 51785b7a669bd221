import { describe, expect, it } from 'vitest';
import { judgeHistory } from './history-judge.ts';
import { completed } from './step-results.ts';
import type { Outcome, Step } from './steps.ts';

const WHOLE = [
  ...['send', 'client 1', 'client 2', 'individual 1', 'individual 2', 'nack'],
  ...['before commit', 'commit 1', 'commit 2', 'after abort', 'alive'],
];

function judge(history: readonly string[], others: Partial<Record<Step, Outcome>> = {}) {
  const results = completed([], '').map((result) => ({ ...result, outcome: others[result.step] ?? ('ok' as const) }));
  return judgeHistory(results, history);
}

describe('the history of a client’s room', () => {
  it('is well when it has all that was sent, in order', () => {
    expect(judge(WHOLE)).toEqual({ step: 'history', outcome: 'ok', note: null });
  });

  it.each([
    ['misses a message', WHOLE.filter((content) => content !== 'client 2')],
    ['has a message twice', [...WHOLE, 'alive']],
    ['has another order', WHOLE.toReversed()],
    ['has what was aborted', [...WHOLE, 'abort 1']],
    ['has what nobody sent', ['hello', ...WHOLE]],
  ])('is not when it %s', (_, history) => {
    expect(judge(history)).toMatchObject({ outcome: 'failed', note: expect.stringContaining('the room has') });
  });

  it('is not when it has what the client says it cannot send', () => {
    expect(judge(WHOLE, { commit: 'cannot' }).outcome).toBe('failed');
  });

  it('may have any part of a step that failed, but for what was aborted', () => {
    const without = (...gone: readonly string[]) => WHOLE.filter((content) => !gone.includes(content));
    expect(judge(without('commit 2'), { commit: 'failed' }).outcome).toBe('ok');
    expect(judge(without('after abort'), { abort: 'failed' }).outcome).toBe('ok');
    expect(judge([...WHOLE, 'abort 2'], { abort: 'failed' }).outcome).toBe('failed');
  });
});
