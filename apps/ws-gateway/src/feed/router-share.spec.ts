import { describe, expect, it } from 'vitest';
import { FEED_LIMITS } from '../limits.ts';
import { shareOf } from './router-share.ts';

const keptBytes = { ofPartition: 16_000_000, ofAll: 256_000_000 };

describe('what a router keeps of each partition', () => {
  it('is the most that one may have, as long as there are few', () => {
    const most = { maxBytes: 16_000_000, maxRecords: FEED_LIMITS.keptRecords };
    expect([shareOf(keptBytes, 0), shareOf(keptBytes, 1), shareOf(keptBytes, 10)]).toEqual([most, most, most]);
  });

  it('comes to the same of a hundred as of a thousand, in bytes and in what is read back', () => {
    for (const partitions of [100, 1_000]) {
      const { maxBytes, maxRecords } = shareOf(keptBytes, partitions);
      expect([maxBytes * partitions, maxRecords * partitions]).toEqual([256_000_000, FEED_LIMITS.keptRecordsOfAll]);
    }
  });
});
