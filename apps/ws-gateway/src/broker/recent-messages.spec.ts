import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentMessages } from './recent-messages.ts';

const keys = (eventKey: string | null, clientKey: string | null = null) => ({ eventKey, clientKey });
const message = (messageId: string) => ({ messageId, digest: `digest of ${messageId}`, isCertain: true });

describe('recent messages', () => {
  it('know a repeated event id, and which was the first', () => {
    const recent = new RecentMessages(100);
    expect(recent.observe(0, 1, keys('7:a'), message('a'))).toEqual({ isRepeat: false, first: message('a') });
    expect(recent.observe(0, 2, keys('7:a'), message('b'))).toEqual({ isRepeat: true, first: message('a') });
  });

  it('know a repeated client message id under another event id', () => {
    const recent = new RecentMessages(100);
    recent.observe(0, 1, keys('7:a', '1:7:k'), message('a'));
    expect(recent.observe(0, 2, keys('7:b', '1:7:k'), message('b')).isRepeat).toBe(true);
    expect(recent.find(0, '1:7:k')).toEqual(message('a'));
  });

  it('do not mix up an event id and a client key', () => {
    const recent = new RecentMessages(100);
    recent.observe(0, 1, keys('a'), message('a'));
    expect(recent.observe(0, 2, keys(null, 'a'), message('b')).isRepeat).toBe(false);
  });

  it('let records without keys always count', () => {
    const recent = new RecentMessages(100);
    expect(recent.observe(0, 1, keys(null), message('a')).isRepeat).toBe(false);
    expect(recent.observe(0, 2, keys(null), message('a')).isRepeat).toBe(false);
  });

  it('take no key over from a repeat, as the rows do not', () => {
    const recent = new RecentMessages(100);
    recent.observe(0, 1, keys('7:a', '1:7:k'), message('a'));
    recent.observe(0, 2, keys('7:a', '1:7:other'), message('a'));
    expect(recent.find(0, '1:7:other')).toBeUndefined();
  });

  it('forget what lies more than the window behind, in offsets and not in records', () => {
    const recent = new RecentMessages(10);
    recent.observe(0, 1, keys('a'), message('a'));
    expect(recent.observe(0, 11, keys('a'), message('b')).isRepeat).toBe(true);
    expect(recent.observe(0, 22, keys('a'), message('c')).isRepeat).toBe(false);
  });

  it('keep partitions apart', () => {
    const recent = new RecentMessages(10);
    recent.observe(0, 1, keys('a'), message('a'));
    expect(recent.observe(1, 1, keys('a'), message('a')).isRepeat).toBe(false);
  });

  it('judge alike however long they have run: who read only the last window as who read all', () => {
    const logs = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 3 }), key: fc.integer({ min: 0, max: 5 }) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(logs, fc.integer({ min: 1, max: 12 }), fc.nat(), (log, window, cut) => {
        let offset = 0;
        const records = log.map(({ gap, key }) => ({ offset: (offset += gap), key: keys(`7:${key}`, `1:7:${key}`) }));
        const liveFrom = records[cut % records.length]?.offset ?? 0;
        const judge = (from: number) => {
          const recent = new RecentMessages(window);
          return records
            .filter((record) => record.offset >= from)
            .map((record) => [record.offset, recent.observe(0, record.offset, record.key, message('m')).isRepeat]);
        };
        const live = (verdicts: unknown[][]) => verdicts.filter(([at]) => Number(at) >= liveFrom);
        expect(live(judge(liveFrom - window))).toEqual(live(judge(0)));
      }),
    );
  });
});
