import { describe, expect, it } from 'vitest';
import { LeaderQueue, REQUEST_MAX_BYTES, REQUESTS_IN_FLIGHT, type QueuedAppend } from './leader-queue.ts';

const append = (place: string, bytes = 100): QueuedAppend => ({ place, bytes });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A queue whose requests are answered by hand. */
function queueUnderTest() {
  const sent: string[][] = [];
  const answers: Array<() => void> = [];
  const queue = new LeaderQueue<QueuedAppend>((appends) => {
    sent.push(appends.map(({ place }) => place));
    return new Promise((resolve) => answers.push(resolve));
  });
  const answer = async () => {
    answers.shift()?.();
    await turn();
  };
  return { queue, sent, answer };
}

describe('the queue of a leader', () => {
  it('sends at once what comes alone, and together what comes in one turn', async () => {
    const { queue, sent } = queueUnderTest();
    queue.add(append('a'));
    await null;
    expect(sent).toEqual([['a']]);
    queue.add(append('b'));
    queue.add(append('c'));
    await turn();
    expect(sent).toEqual([['a'], ['b', 'c']]);
  });

  it('gathers what comes while the leader has enough to answer, in the order in which it came', async () => {
    const { queue, sent, answer } = queueUnderTest();
    for (let n = 0; n < REQUESTS_IN_FLIGHT; n += 1) {
      queue.add(append(`first ${n}`));
      await turn();
    }
    for (const place of ['a', 'b', 'c']) {
      queue.add(append(place));
      await turn();
    }
    expect(sent).toHaveLength(REQUESTS_IN_FLIGHT);
    await answer();
    expect(sent.at(-1)).toEqual(['a', 'b', 'c']);
    queue.add(append('d'));
    await turn();
    expect(sent).toHaveLength(REQUESTS_IN_FLIGHT + 1);
    await answer();
    expect(sent.at(-1)).toEqual(['d']);
  });

  it('names no partition twice in a request', async () => {
    const { queue, sent, answer } = queueUnderTest();
    for (const place of ['a', 'b', 'a', 'c']) queue.add(append(place));
    await turn();
    await answer();
    expect(sent).toEqual([['a', 'b', 'c'], ['a']]);
  });

  it('sends no more in a request than it may carry, but one append however large', async () => {
    const { queue, sent, answer } = queueUnderTest();
    queue.add(append('huge', REQUEST_MAX_BYTES + 1));
    queue.add(append('a', REQUEST_MAX_BYTES / 2));
    queue.add(append('b', REQUEST_MAX_BYTES / 2));
    queue.add(append('c', 1));
    await turn();
    for (let n = 0; n < 3; n += 1) await answer();
    expect(sent).toEqual([['huge'], ['a', 'b'], ['c']]);
  });

  it('is ready for more once all is answered', async () => {
    const { queue, sent, answer } = queueUnderTest();
    queue.add(append('a'));
    await turn();
    await answer();
    queue.add(append('a'));
    await turn();
    expect(sent).toEqual([['a'], ['a']]);
  });
});
