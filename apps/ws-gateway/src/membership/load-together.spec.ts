import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadTogether } from './load-together.ts';

const EVERY_MS = 10;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

function asked(maxKeys: number) {
  const questions: { keys: readonly number[]; answer: PromiseWithResolvers<readonly string[]> }[] = [];
  const ask = loadTogether(
    (keys: readonly number[]) => {
      const answer = Promise.withResolvers<readonly string[]>();
      questions.push({ keys, answer });
      return answer.promise;
    },
    { maxKeys, everyMs: EVERY_MS },
  );
  return { ask, questions };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const moment = async () => {
  await vi.advanceTimersByTimeAsync(EVERY_MS);
  await turn();
};
const answerTo = (keys: readonly number[]) => keys.map((key) => `of ${key}`);

describe('asking together', () => {
  it('asks at once for one, and for all who came meanwhile with the next question', async () => {
    const { ask, questions } = asked(10);
    const first = ask(1);
    await turn();
    const others = [ask(2), ask(3), ask(2)];
    await turn();
    expect(questions.map(({ keys }) => keys)).toEqual([[1]]);
    questions[0]?.answer.resolve(answerTo([1]));
    expect(await first).toBe('of 1');
    await turn();
    expect(questions).toHaveLength(1);
    await moment();
    expect(questions.map(({ keys }) => keys)).toEqual([[1], [2, 3, 2]]);
    questions[1]?.answer.resolve(answerTo([2, 3, 2]));
    expect(await Promise.all(others)).toEqual(['of 2', 'of 3', 'of 2']);
  });

  it('asks for so many at a time at most', async () => {
    const { ask, questions } = asked(2);
    const all = [1, 2, 3].map((key) => ask(key));
    await turn();
    for (const { keys, answer } of questions) answer.resolve(answerTo(keys));
    await moment();
    for (const { keys, answer } of questions) answer.resolve(answerTo(keys));
    expect(await Promise.all(all)).toEqual(['of 1', 'of 2', 'of 3']);
    expect(questions.map(({ keys }) => keys.length)).toEqual([2, 1]);
  });

  it('tells all who asked of a failure, and goes on', async () => {
    const { ask, questions } = asked(10);
    const failing = [ask(1), ask(2)].map((answer) => answer.catch((error: unknown) => (error as Error).message));
    await turn();
    questions[0]?.answer.reject(new Error('away'));
    expect(await Promise.all(failing)).toEqual(['away', 'away']);
    const next = ask(3);
    await moment();
    questions[1]?.answer.resolve(['of 3']);
    expect(await next).toBe('of 3');
  });
});
