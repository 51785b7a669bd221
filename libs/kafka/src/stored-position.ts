import { createHash } from 'node:crypto';
import type { LogRange } from './log-ends.ts';
import type { LogRecord } from './log-record.ts';

/** A record that can be known again: its offset, and the SHA-256 of its key and value in hex. */
export interface RecordMark {
  readonly offset: number;
  readonly digest: string;
}

/** Up to where a partition was read (`next` comes first), and the last record below that; null where none is known. */
export interface StoredPosition {
  readonly next: number;
  readonly last: RecordMark | null;
}

/**
 * The log is not the one that a position belongs to: a topic made anew, wiped, or cut off by its retention. No retry helps, so
 * it ends the process; its message is a sentence for the operator.
 */
export class AnotherLogError extends Error {
  override readonly name = 'AnotherLogError';
  /** Where it was noticed. */
  readonly partition: number;

  constructor(partition: number, message: string) {
    super(message);
    this.partition = partition;
  }
}

/** What to keep of a record, so that `problemOfRecord` can tell it from any other. */
export function markOf({ offset, key, value }: Pick<LogRecord, 'offset' | 'key' | 'value'>): RecordMark {
  const hash = createHash('sha256').update(`${key?.length ?? 'none'} ${value?.length ?? 'none'} `);
  for (const part of [key, value]) if (part !== null) hash.update(part);
  return { offset, digest: hash.digest('hex') };
}

/** Why the position cannot be one of this log, or null. */
export function problemOfRange(partition: number, next: number, { start, end }: LogRange): string | null {
  if (next >= start && next <= end) return null;
  return `position ${next} of partition ${partition} is outside the log, which goes from ${start} to ${end}`;
}

/** The mark by which the log can be known again: none where nothing was read, or retention has taken the record since. */
export function provableMark({ last }: StoredPosition, { start }: LogRange): RecordMark | null {
  return last !== null && last.offset >= start ? last : null;
}

/** Why what lies at the mark's offset, nothing or the first record of a fetch from there, shows another log; or null. */
export function problemOfRecord(partition: number, mark: RecordMark, record: LogRecord | undefined): string | null {
  if (record === undefined || record.offset !== mark.offset) {
    return `the log of partition ${partition} has no record at offset ${mark.offset}, where one was read before`;
  }
  if (markOf(record).digest === mark.digest) return null;
  return `the log of partition ${partition} has another record at offset ${mark.offset} than the one that was read there before`;
}
