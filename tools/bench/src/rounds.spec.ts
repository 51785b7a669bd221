import { describe, expect, it } from 'vitest';
import { runRounds } from './rounds.ts';

describe('rounds', () => {
  it('let each contestant run once a round, another one first each time, after a round that does not count', async () => {
    const calls: string[] = [];
    const contestant = (name: string) => () => Promise.resolve(calls.push(name));
    const measured = await runRounds({ a: contestant('a'), b: contestant('b'), c: contestant('c') }, 3);
    expect(calls.join('')).toBe('abc' + 'abc' + 'bca' + 'cab');
    expect(measured).toEqual({ a: [4, 9, 11], b: [5, 7, 12], c: [6, 8, 10] });
  });

  it('warm up for as many rounds as asked for', async () => {
    let calls = 0;
    const measured = await runRounds({ a: () => Promise.resolve((calls += 1)) }, 2, 3);
    expect(measured).toEqual({ a: [4, 5] });
  });

  it('end with the first failure', async () => {
    const failing = () => Promise.reject(new Error('the broker is gone'));
    await expect(runRounds({ a: failing }, 2)).rejects.toThrow('the broker is gone');
  });
});
