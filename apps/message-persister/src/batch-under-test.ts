import type { GroupBatch } from '@chat/kafka';

/** Values as one batch of partition 4 that begins at offset 20; what is committed is told to `committed`. */
export function batchUnderTest(
  values: readonly string[],
  nextOffset: number,
  committed: (next: number) => void,
): GroupBatch {
  return {
    partition: 4,
    fetchedOffset: 20,
    nextOffset,
    highWatermark: nextOffset,
    records: values.map((value, n) => ({ offset: 20 + n, timestamp: 0, key: null, value: Buffer.from(value) })),
    heartbeat: async () => {},
    isStale: () => false,
    seek: () => {},
    commit: async (next) => committed(next),
  };
}
