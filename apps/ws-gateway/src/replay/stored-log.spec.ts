import { describe, expect, it } from 'vitest';
import { StoredLog } from './stored-log.ts';

async function look(storedUpTo: number, end: number): Promise<void> {
  const log = new StoredLog({
    rows: { listStoredPositions: () => Promise.resolve([{ partition: 3, storedUpTo }]) },
    endAtStart: () => end,
  });
  await log.start();
  await log.check().check();
}

describe('the log that the rows belong to', () => {
  it('is the one that is read where nothing is stored beyond its end', async () => {
    await expect(look(10, 10)).resolves.toBeUndefined();
    await expect(look(9, 10)).resolves.toBeUndefined();
  });

  it('is another one where the rows go further', async () => {
    await expect(look(11, 10)).rejects.toThrow('the rows go up to 11 of chat-messages/3, whose log ended at 10');
  });
});
