import { randomUUID } from 'node:crypto';
import type { NewMessageRow } from '@chat/database';

/** Rooms that a partition's rows belong to, and users who write in each. */
export const ROOM_COUNT = 20;
export const SENDER_COUNT = 50;
const CONTENT_CHARACTERS = { least: 20, most: 140 };
/** Rooms of one partition are numbered from its thousandth on, so no two partitions share a room. */
const ROOMS_APART = 1_000;
const SENT_AT_MS = Date.parse('2026-01-01T00:00:00Z');

/** A row with the numbers that a reader of the whole log would give it. */
export interface NumberedRow extends NewMessageRow {
  readonly seq: number;
  readonly senderOrdinal: number;
}

export interface NumberedBatch {
  readonly partition: number;
  /** Offset of the first row, and behind the last. */
  readonly expected: number;
  readonly next: number;
  readonly rows: readonly NumberedRow[];
}

/** A partition of chat-messages that goes on for ever; each row comes once. */
export interface Log {
  nextBatch(rowCount: number): NumberedBatch;
}

/** Its offsets begin at 0. */
export function createLog(partition: number): Log {
  const seqs = new Map<string, number>();
  const count = (key: string) => {
    const next = (seqs.get(key) ?? 0) + 1;
    seqs.set(key, next);
    return next;
  };
  let end = 0;
  const rowAt = (logOffset: number): NumberedRow => {
    const roomId = (partition + 1) * ROOMS_APART + (logOffset % ROOM_COUNT);
    const senderId = 1 + ((logOffset * 7) % SENDER_COUNT);
    const id = partition * 1e12 + logOffset + 1;
    return {
      logOffset,
      roomId,
      id,
      senderId,
      content: contentOf(logOffset),
      type: 'GROUP',
      kind: null,
      system: null,
      targetId: null,
      removed: false,
      counts: true,
      sentAtMs: SENT_AT_MS + logOffset,
      eventId: String(id),
      clientMessageId: randomUUID(),
      seq: count(`${roomId}`),
      senderOrdinal: count(`${roomId}/${senderId}`),
    };
  };
  return {
    nextBatch(rowCount) {
      const expected = end;
      end += rowCount;
      const rows = Array.from({ length: rowCount }, (_, index) => rowAt(expected + index));
      return { partition, expected, next: end, rows };
    },
  };
}

function contentOf(n: number): string {
  const { least, most } = CONTENT_CHARACTERS;
  return `message ${n} `.padEnd(least + ((n * 31) % (most - least + 1)), 'lorem ipsum ');
}
