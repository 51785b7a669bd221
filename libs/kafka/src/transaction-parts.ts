import type { OutgoingRecord } from './outgoing-record.ts';

/** A record and the partition that it goes to. */
export interface PlacedRecord {
  readonly partition: number;
  readonly record: OutgoingRecord;
  /** Upper estimate of its size in a batch. */
  readonly bytes: number;
}

/** What goes to one partition of records that are published together. */
export interface TransactionPart {
  readonly partition: number;
  /** In the order in which they were given. */
  readonly records: readonly OutgoingRecord[];
  /** Upper estimate of their size in a batch. */
  readonly bytes: number;
  /** The place of each among all that were given. */
  readonly places: readonly number[];
}

/** The records by partition, in ascending order of partitions. */
export function partsOf(placed: readonly PlacedRecord[]): readonly TransactionPart[] {
  const parts = Map.groupBy(placed.keys(), (place) => placed[place]?.partition ?? 0);
  return Array.from(parts, ([partition, places]) => {
    const own = places.flatMap((place) => placed[place] ?? []);
    const bytes = own.reduce((sum, one) => sum + one.bytes, 0);
    return { partition, records: own.map(({ record }) => record), bytes, places };
  }).sort((one, other) => one.partition - other.partition);
}

/** Where each record lies, in the order in which they were given: those of a part follow one another from its first offset. */
export function placesInLog(
  parts: readonly Pick<TransactionPart, 'partition' | 'places'>[],
  firstOffsets: readonly number[],
): readonly { readonly partition: number; readonly offset: number }[] {
  const inLog: { partition: number; offset: number }[] = [];
  for (const [n, { partition, places }] of parts.entries()) {
    for (const [index, place] of places.entries()) {
      inLog[place] = { partition, offset: (firstOffsets[n] ?? NaN) + index };
    }
  }
  return inLog;
}
