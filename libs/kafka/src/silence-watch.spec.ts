import { describe, expect, it } from 'vitest';
import { SilenceWatch } from './silence-watch.ts';

/** What a watch that allows 4 s of silence says at each look: [second, bytes read, bytes written]. */
function looks(...seen: readonly (readonly [number, number, number])[]): readonly boolean[] {
  const watch = new SilenceWatch(4_000);
  return seen.map(([second, bytesRead, bytesWritten]) => watch.isSilent({ bytesRead, bytesWritten }, second * 1_000));
}

describe('a connection', () => {
  it('is silent that was asked and has not answered for too long, however often it is asked again', () => {
    expect(looks([0, 0, 10], [1, 0, 10], [3, 0, 20], [4, 0, 20])).toEqual([false, false, false, true]);
  });

  it('is not silent while nothing is asked', () => {
    expect(looks([0, 0, 10], [1, 50, 10], [100, 50, 10])).toEqual([false, false, false]);
  });

  it('is not silent while any answer comes, though others are late', () => {
    expect(looks([0, 0, 10], [3, 1, 20], [6, 2, 30], [9, 3, 30])).toEqual([false, false, false, false]);
  });

  it('is silent again only after a time of its own', () => {
    expect(looks([0, 0, 10], [3, 9, 10], [20, 9, 20], [23, 9, 20], [24, 9, 20])).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });
});
