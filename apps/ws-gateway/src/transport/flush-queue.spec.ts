import { describe, expect, it } from 'vitest';
import { FlushQueue } from './flush-queue.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('the flush queue', () => {
  it('flushes what was added in a turn at its end, in that order', async () => {
    const queue = new FlushQueue();
    const flushed: string[] = [];
    queue.add({ flush: () => flushed.push('a') });
    queue.add({ flush: () => flushed.push('b') });
    expect(flushed).toEqual([]);
    await nextTurn();
    expect(flushed).toEqual(['a', 'b']);
  });

  it('takes what is added while it flushes into the next turn', async () => {
    const queue = new FlushQueue();
    const flushed: string[] = [];
    queue.add({ flush: () => queue.add({ flush: () => flushed.push('later') }) });
    await nextTurn();
    await nextTurn();
    expect(flushed).toEqual(['later']);
  });
});
