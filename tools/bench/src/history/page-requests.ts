import type { Cursor } from './load-history.ts';

/** One page of a room's history: next to a message, or the newest. */
export interface PageRequest {
  readonly roomId: number;
  readonly before?: number;
  readonly after?: number;
}

/** Of 100 pages, how many are asked for before a message, and how many after one; the others are the newest. */
export const PERCENT = { before: 45, after: 45 };

/** A page next to one of the cursors, by two random numbers from 0 to below 1. */
export function pageRequest(cursors: readonly Cursor[], which: number, how: number): PageRequest {
  const cursor = cursors[Math.floor(which * cursors.length)];
  if (cursor === undefined) throw new RangeError('there is no message to read next to');
  const { roomId, messageId } = cursor;
  if (how * 100 < PERCENT.before) return { roomId, before: messageId };
  return how * 100 < PERCENT.before + PERCENT.after ? { roomId, after: messageId } : { roomId };
}
