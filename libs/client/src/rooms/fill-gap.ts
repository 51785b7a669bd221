import type { HistoryMessageDTO } from '@chat/dto';
import type { HistoryPage, RestApi } from '../api.ts';
import type { ChatClientError } from '../error.ts';
import type { ChatLimits } from '../limits.ts';
import { pause } from '../pause.ts';
import type { FillEnd, RoomStream } from './room-stream.ts';

/** The most that one answer of the history has. */
const PAGE_SIZE = 200;
/** Pause before the rows are asked again, in ms. */
const AGAIN_MS = 500;
/** How long the history may not know a message yet that the gateway has told of, in ms; then it does not have it. */
const NOT_STORED_MAX_MS = 10_000;

export interface FillGapOptions {
  readonly roomId: number;
  readonly after: number;
  /** The first message that waits behind the gap; null while none does. */
  readonly firstHeld: () => RoomStream['firstHeld'];
  readonly listMessages: RestApi['listMessages'];
  /** Takes a page, up to `endId` where that is in it; answers whether it has reached what waits. */
  readonly take: (items: readonly HistoryMessageDTO[], endId: number | null) => boolean;
  /** What waits lies before `id`: forgets it where that was delivered, and answers whether it was. */
  readonly passOver: (id: number) => boolean;
  readonly limits: ChatLimits;
  readonly signal: AbortSignal;
}

/** The history has no more, and nothing waits by which to see whether the rows are behind. */
export const NOTHING_WAITS = 'nothing-waits';

type Row = 'unknown' | 'last' | number;

/**
 * Reads what lies behind `after` page by page, until it meets what waits: rows may be behind what was told of. Rejects with
 * nothing; null where it was aborted.
 */
export async function fillGap(options: FillGapOptions): Promise<FillEnd | typeof NOTHING_WAITS | null> {
  const { roomId, after, firstHeld, limits, signal } = options;
  const dueAt = Date.now() + limits.gapDeadlineMs;
  let [cursor, count, storedBy] = [after, 0, Infinity];
  /** What the history has first behind a change that waits, which it does not have itself. */
  let behind: Row = 'unknown';
  const look = async () => {
    for (let held = firstHeld(); held !== null && !held.isItem && typeof behind !== 'number'; held = firstHeld()) {
      behind = await rowBehind(held.id, options, dueAt);
      if (signal.aborted || typeof behind !== 'number' || !options.passOver(behind)) return;
      behind = 'unknown';
    }
  };
  try {
    for (;;) {
      await look();
      const isAllStored = behind !== 'unknown'; // before the page is read
      const page = await read(options, { after: cursor, limit: PAGE_SIZE }, dueAt);
      if (page !== null && page.items.length > 0) await look(); // it may have more by now than what lies before what waits
      if (signal.aborted) return null;
      const { items, hasMore } = page ?? { items: [], hasMore: false };
      if (options.take(items, typeof behind === 'number' ? behind : null)) return { isComplete: true };
      cursor = items.at(-1)?.id ?? cursor;
      count += items.length;
      if (count >= limits.gapMaxMessages) {
        const reason = `More than ${limits.gapMaxMessages} messages were missed in room ${roomId} (gapMaxMessages).`;
        return { isComplete: false, reason };
      }
      if (hasMore) continue;
      const held = firstHeld();
      if (held === null) return NOTHING_WAITS;
      if (isAllStored && page !== null) return { isComplete: true };
      const now = Date.now();
      storedBy = items.length > 0 || storedBy === Infinity ? now + NOT_STORED_MAX_MS : storedBy;
      if (now + AGAIN_MS > Math.min(storedBy, dueAt)) {
        const reason = `The history of room ${roomId} did not have message ${held.id} in time.`;
        return { isComplete: false, reason };
      }
      await pause(AGAIN_MS);
      if (signal.aborted) return null;
    }
  } catch (error) {
    if (signal.aborted) return null;
    return {
      isComplete: false,
      reason: `The history of room ${roomId} could not be read: ${(error as Error).message}`,
    }; // a ChatClientError
  }
}

async function rowBehind(id: number, options: FillGapOptions, dueAt: number): Promise<Row> {
  const page = await read(options, { after: id, limit: 1 }, dueAt);
  return page === null ? 'unknown' : (page.items[0]?.id ?? 'last');
}

/** Tries again while that can help. Null where the rows do not have the message that it is asked to read behind. */
async function read(
  { roomId, listMessages, signal }: FillGapOptions,
  query: { readonly after: number; readonly limit: number },
  dueAt: number,
): Promise<HistoryPage | null> {
  for (;;) {
    try {
      return await listMessages(roomId, query);
    } catch (error) {
      const { code, retryable } = error as ChatClientError; // all that it throws
      if (code === 'INVALID_REQUEST') return null;
      if (!retryable || Date.now() + AGAIN_MS > dueAt || signal.aborted) throw error;
      await pause(AGAIN_MS);
    }
  }
}
