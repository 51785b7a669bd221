import {
  decodeMessageRecord,
  messageRepeatKeysOf,
  type MessageRepeatKeys,
  type RawRecord,
} from '@chat/kafka-contracts';
import { STATEMENT_MAX_CONTENT_LENGTH, STATEMENT_MAX_RECORDS } from './limits.ts';
import { toMessageRow, type MessageRow } from './message-row.ts';
import { storableKey } from './repeat-key.ts';

/** A record and where it lies in its partition. */
export interface PlacedRecord extends RawRecord {
  readonly offset: number;
}

/** A record that does not count, and why. */
export interface RefusedRecord {
  readonly record: PlacedRecord;
  readonly reason: string;
}

/** One stretch of a partition, decided: what to set aside and what to store before the position moves from `from` to `next`. */
export interface PersistPlan {
  readonly from: number;
  readonly next: number;
  readonly refused: readonly RefusedRecord[];
  readonly rows: readonly MessageRow[];
  /** The last record of the stretch, whether or not it counts; null where there is none. */
  readonly last: PlacedRecord | null;
  /** Records that repeat an earlier one of the same stretch. */
  readonly repeatCount: number;
}

export interface FetchedRecords {
  readonly partition: number;
  readonly partitionCount: number;
  /** The position that the records were fetched from, and the one behind them; offsets have holes. */
  readonly fetchedOffset: number;
  readonly nextOffset: number;
  readonly records: readonly PlacedRecord[];
}

/**
 * What becomes of fetched records, in stretches small enough for one statement each. Whether a record counts is the one rule
 * of `decodeMessageRecord`, what it repeats that of `messageRepeatKeysOf`; of repeats within a stretch the first in the log
 * wins, those of earlier rows Postgres finds.
 */
export function planBatch(fetched: FetchedRecords): readonly PersistPlan[] {
  const stretches = cut(fetched.records);
  return stretches.map((records, index) => {
    const from = index === 0 ? fetched.fetchedOffset : (records[0]?.offset ?? fetched.fetchedOffset);
    const next = stretches[index + 1]?.[0]?.offset ?? fetched.nextOffset;
    return planStretch(records, from, next, fetched);
  });
}

function cut(records: readonly PlacedRecord[]): readonly (readonly PlacedRecord[])[] {
  const stretches: PlacedRecord[][] = [];
  let current: PlacedRecord[] = [];
  let length = 0;
  for (const record of records) {
    const size = record.value?.length ?? 0;
    const isFull = current.length >= STATEMENT_MAX_RECORDS || length + size > STATEMENT_MAX_CONTENT_LENGTH;
    if (isFull && current.length > 0) {
      stretches.push(current);
      current = [];
      length = 0;
    }
    current.push(record);
    length += size;
  }
  stretches.push(current);
  return stretches;
}

function planStretch(
  records: readonly PlacedRecord[],
  from: number,
  next: number,
  { partition, partitionCount }: FetchedRecords,
): PersistPlan {
  const refused: RefusedRecord[] = [];
  const rows: MessageRow[] = [];
  const seen = new Set<string>();
  let repeatCount = 0;
  for (const record of records) {
    const decoded = decodeMessageRecord(record, partition, partitionCount);
    if (!decoded.ok) {
      refused.push({ record, reason: decoded.reason });
      continue;
    }
    const keys = messageRepeatKeysOf(record, decoded.value);
    if (isRepeat(keys, seen)) repeatCount += 1;
    else rows.push(toMessageRow(decoded.value, record.offset, storableIdsOf(keys)));
  }
  return { from, next, refused, rows, last: records.at(-1) ?? null, repeatCount };
}

function storableIdsOf({ eventId, clientMessageId }: MessageRepeatKeys) {
  return { eventId: storableOrNull(eventId), clientMessageId: storableOrNull(clientMessageId) };
}

function storableOrNull(key: string | null): string | null {
  return key === null ? null : storableKey(key);
}

function isRepeat({ eventKey, clientKey }: MessageRepeatKeys, seen: Set<string>): boolean {
  const keys: string[] = [];
  if (eventKey !== null) keys.push(`event ${eventKey}`);
  if (clientKey !== null) keys.push(`client ${clientKey}`);
  if (keys.some((key) => seen.has(key))) return true;
  for (const key of keys) seen.add(key);
  return false;
}
