import { FEED_LIMITS } from '../limits.ts';

/** Bytes of records that a router keeps at most. */
export interface KeptBytes {
  /** Of each partition. */
  readonly ofPartition: number;
  /** Of all partitions of this instance together. */
  readonly ofAll: number;
}

/**
 * What a router keeps of each of so many partitions: an instance that routes all of them, because it was the first, takes no
 * more memory and reads back no more than one that routes a few.
 */
export function shareOf({ ofPartition, ofAll }: KeptBytes, partitionCount: number) {
  const parts = Math.max(1, partitionCount);
  return {
    maxBytes: Math.min(ofPartition, Math.floor(ofAll / parts)),
    maxRecords: Math.min(FEED_LIMITS.keptRecords, Math.floor(FEED_LIMITS.keptRecordsOfAll / parts)),
  };
}
