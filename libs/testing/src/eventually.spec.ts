import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';

const SOON = { deadlineMs: 60, everyMs: 5 };

describe('eventually', () => {
  it('answers what the assertion returned, at once where it holds', async () => {
    await expect(eventually(() => 7)).resolves.toBe(7);
    await expect(eventually(async () => 'done')).resolves.toBe('done');
  });

  it('tries again until the assertion holds', async () => {
    let tries = 0;
    await eventually(() => expect((tries += 1)).toBe(4), SOON);
    expect(tries).toBe(4);
  });

  it('throws what the last try threw', async () => {
    let tries = 0;
    const failing = eventually(() => {
      throw new Error(`try ${(tries += 1)}`);
    }, SOON);
    await expect(failing).rejects.toThrow(/^try \d+$/);
    await expect(failing).rejects.toThrow(`try ${tries}`);
    expect(tries).toBeGreaterThan(2);
  });

  it('takes a rejection as a try that failed', async () => {
    let tries = 0;
    const value = await eventually(async () => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
      return tries;
    }, SOON);
    expect(value).toBe(3);
  });

  it('gives a try up that does not end, and says what the one before it said', async () => {
    let tries = 0;
    const hanging = eventually(() => {
      tries += 1;
      if (tries < 3) throw new Error(`try ${tries}`);
      return new Promise<never>(() => {});
    }, SOON);
    await expect(hanging).rejects.toMatchObject({
      message: 'The assertion was still under way after 60 ms.',
      cause: { message: 'try 2' },
    });
  });
});
