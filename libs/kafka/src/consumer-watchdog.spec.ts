import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConsumerWatchdog, PROGRESS_DEADLINE_MS, type WatchedPlace } from './consumer-watchdog.ts';

describe('the watchdog of a consumer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function watchdogOf(place: Partial<WatchedPlace> = {}) {
    const state = {
      place: { topic: 't', partition: 0, fetchOffset: 5, isPaused: false, ...place },
      range: { start: 0, end: 9 },
      isUp: true,
      isFetching: true,
    };
    let fetchCount = 0;
    const onDeaf = vi.fn();
    const lags: number[] = [];
    const watchdog = new ConsumerWatchdog({
      topics: ['t'],
      fetchLogRanges: () =>
        state.isUp ? Promise.resolve(new Map([[0, state.range]])) : Promise.reject(new Error('down')),
      places: () => [state.place],
      fetchCount: () => (state.isFetching ? (fetchCount += 1) : fetchCount),
      onDeaf,
      onLag: (_, offsets) => void lags.push(offsets),
      progressDeadlineMs: PROGRESS_DEADLINE_MS,
    });
    watchdog.start();
    return { state, onDeaf, lags, watchdog };
  }
  const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);

  it('speaks up after 20 s without progress while there is something to read', async () => {
    const { onDeaf } = watchdogOf();
    await seconds(20);
    expect(onDeaf).not.toHaveBeenCalled();
    await seconds(5);
    expect(onDeaf).toHaveBeenCalledExactlyOnceWith('t/0 has stood still at 5 although the log goes to 9');
  });

  it('is content while the position moves or has reached the end', async () => {
    const { state, onDeaf, watchdog } = watchdogOf();
    for (let offset = 6; offset <= 9; offset += 1) {
      await seconds(15);
      state.place.fetchOffset = offset;
    }
    await seconds(60);
    expect(onDeaf).not.toHaveBeenCalled();
    watchdog.stop();
  });

  it('says at each look how far behind the log its places are, also of one that rests, and nothing without brokers', async () => {
    const { state, lags, watchdog } = watchdogOf();
    await seconds(5);
    state.place.isPaused = true;
    state.range.end = 11;
    await seconds(5);
    state.isUp = false;
    await seconds(5);
    state.isUp = true;
    state.place.fetchOffset = 11;
    await seconds(5);
    expect(lags).toEqual([4, 6, 0]);
    watchdog.stop();
  });

  it('does not count a deliberate pause', async () => {
    const { onDeaf, watchdog } = watchdogOf({ isPaused: true });
    await seconds(120);
    expect(onDeaf).not.toHaveBeenCalled();
    watchdog.stop();
  });

  it('counts only the time in which the brokers answer', async () => {
    const { state, onDeaf } = watchdogOf();
    await seconds(15);
    state.isUp = false;
    await seconds(60);
    state.isUp = true;
    await seconds(20);
    expect(onDeaf).not.toHaveBeenCalled();
    await seconds(10);
    expect(onDeaf).toHaveBeenCalledOnce();
  });

  it('speaks up at once when the position is no longer, or not yet, in the log', async () => {
    const behind = watchdogOf();
    behind.state.range = { start: 6, end: 9 };
    const beyond = watchdogOf();
    beyond.state.range = { start: 0, end: 4 };
    await seconds(5);
    expect(behind.onDeaf).toHaveBeenCalledWith('the log of t/0 begins behind the position 5');
    expect(beyond.onDeaf).toHaveBeenCalledWith('the log of t/0 ends before the position 5');
  });

  it('speaks up when nothing is fetched any more, even with nothing to read', async () => {
    const { state, onDeaf } = watchdogOf({ fetchOffset: 9 });
    await seconds(60);
    expect(onDeaf).not.toHaveBeenCalled();
    state.isFetching = false;
    await seconds(30);
    expect(onDeaf).toHaveBeenCalledWith('the consumer has stopped fetching');
  });

  it('leaves no timer behind once it is stopped', async () => {
    const { watchdog, onDeaf } = watchdogOf();
    await seconds(12);
    watchdog.stop();
    expect(vi.getTimerCount()).toBe(0);
    await seconds(60);
    expect(onDeaf).not.toHaveBeenCalled();
  });
});
