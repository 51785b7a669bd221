import {
  decodeMessageRecord,
  messageRepeatKeysOf,
  type MessageRepeatKeys,
  type RawRecord,
} from '@chat/kafka-contracts';
import type { MessageDTO } from '@chat/dto';
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
 * of `decodeMessageRecord`, what it repeats that of `messageRepeatKeysOf`. Within a stretch the first of records with the
 * same keys wins; a record that shares only one of its two keys with an earlier one begins a stretch of its own, since that
 * one may itself be the repeat of a row, and then repeats nothing: only Postgres can tell.
 */
export function planBatch(fetched: FetchedRecords): readonly PersistPlan[] {
  let stretch = new Stretch();
  const stretches = [stretch];
  for (const record of fetched.records) {
    const judged = judge(record, fetched);
    if (!stretch.isEmpty && (stretch.isFullFor(record) || stretch.isUnsureOf(judged))) {
      stretch = new Stretch();
      stretches.push(stretch);
    }
    stretch.add(record, judged);
  }
  return stretches.map((each, index) => {
    const from = index === 0 ? fetched.fetchedOffset : each.firstOffset;
    return each.toPlan(from, stretches[index + 1]?.firstOffset ?? fetched.nextOffset);
  });
}

/** A record that counts, by what it repeats others; or why it does not. */
type Judged =
  | { readonly ok: true; readonly message: MessageDTO; readonly keys: MessageRepeatKeys }
  | { readonly ok: false; readonly reason: string };

function judge(record: PlacedRecord, { partition, partitionCount }: FetchedRecords): Judged {
  const decoded = decodeMessageRecord(record, partition, partitionCount);
  if (!decoded.ok) return decoded;
  return { ok: true, message: decoded.value, keys: messageRepeatKeysOf(record, decoded.value) };
}

/** Records that one statement stores, as they are collected. */
class Stretch {
  readonly #records: PlacedRecord[] = [];
  readonly #refused: RefusedRecord[] = [];
  readonly #rows: MessageRow[] = [];
  /** A key, and both keys of the row that has it. */
  readonly #keysByKey = new Map<string, string>();
  #length = 0;
  #repeatCount = 0;

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  get firstOffset(): number {
    return this.#records[0]?.offset ?? 0;
  }

  isFullFor({ value }: PlacedRecord): boolean {
    const isLong = this.#length + (value?.length ?? 0) > STATEMENT_MAX_CONTENT_LENGTH;
    return isLong || this.#records.length >= STATEMENT_MAX_RECORDS;
  }

  isUnsureOf(judged: Judged): boolean {
    if (!judged.ok) return false;
    const keys = keysOf(judged.keys);
    const both = keys.join(SEPARATOR);
    return keys.some((key) => (this.#keysByKey.get(key) ?? both) !== both);
  }

  add(record: PlacedRecord, judged: Judged): void {
    this.#records.push(record);
    this.#length += record.value?.length ?? 0;
    if (!judged.ok) this.#refused.push({ record, reason: judged.reason });
    else if (this.#isRepeat(judged.keys)) this.#repeatCount += 1;
    else this.#rows.push(toMessageRow(judged.message, record.offset, storableIdsOf(judged.keys)));
  }

  #isRepeat(repeatKeys: MessageRepeatKeys): boolean {
    const keys = keysOf(repeatKeys);
    if (keys.some((key) => this.#keysByKey.has(key))) return true;
    for (const key of keys) this.#keysByKey.set(key, keys.join(SEPARATOR));
    return false;
  }

  toPlan(from: number, next: number): PersistPlan {
    const last = this.#records.at(-1) ?? null;
    return { from, next, refused: this.#refused, rows: this.#rows, last, repeatCount: this.#repeatCount };
  }
}

/** Between the two keys of one record: of records that share a key the joined texts are equal where the other is shared, too. */
const SEPARATOR = '\n';

function keysOf({ eventKey, clientKey }: MessageRepeatKeys): readonly string[] {
  const keys: string[] = [];
  if (eventKey !== null) keys.push(`event ${eventKey}`);
  if (clientKey !== null) keys.push(`client ${clientKey}`);
  return keys;
}

function storableIdsOf({ eventId, clientMessageId }: MessageRepeatKeys) {
  return { eventId: storableOrNull(eventId), clientMessageId: storableOrNull(clientMessageId) };
}

function storableOrNull(key: string | null): string | null {
  return key === null ? null : storableKey(key);
}
