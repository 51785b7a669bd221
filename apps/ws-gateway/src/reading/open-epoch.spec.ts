import { describe, expect, it } from 'vitest';
import { OpenEpoch } from './open-epoch.ts';

function scene(answers: (number | Error)[]) {
  const state = { told: 0 };
  const ask = async () => {
    const answer = answers.shift() ?? new Error('asked too often');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { state, epoch: new OpenEpoch({ told: () => state.told, ask }) };
}

describe('the open epoch', () => {
  it('is asked for once, at the start', async () => {
    const { epoch, state } = scene([2]);
    await epoch.start();
    state.told = 3; // of a log that this instance does not read
    expect([await epoch.find(), await epoch.find()]).toEqual([2, 2]);
  });

  it('is asked for until there is one', async () => {
    const { epoch } = scene([0, 0, 1]);
    await epoch.start();
    expect([await epoch.find(), await epoch.find(), await epoch.find()]).toEqual([0, 1, 1]);
  });

  it('that was opened since is known by what the persister told, though the database is away', async () => {
    const { epoch, state } = scene([0, new Error('Postgres does not answer')]);
    await epoch.start();
    await expect(epoch.find()).rejects.toThrow('Postgres');
    state.told = 1;
    expect(await epoch.find()).toBe(1);
  });
});
