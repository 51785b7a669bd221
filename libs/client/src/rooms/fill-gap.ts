import type { HistoryMessageDTO } from '@chat/dto';
import type { RestApi } from '../api.ts';
import { ChatClientError } from '../error.ts';
import type { ChatLimits } from '../limits.ts';
import { pause } from '../pause.ts';
import type { FillEnd } from './room-stream.ts';

/** The most that one answer of the history has. */
const PAGE_SIZE = 200;
/** Pause before the rows are asked again, in ms. */
const AGAIN_MS = 500;
/** How long the history may not know a message yet that the gateway has told of, in ms; then it does not have it. */
const NOT_STORED_MAX_MS = 10_000;

export interface FillGapOptions {
  readonly roomId: number;
  readonly after: number;
  /** Of the first message that waits behind the gap; once the history knows it, it knows everything before it. */
  readonly firstHeldId: () => number | null;
  readonly listMessages: RestApi['listMessages'];
  /** Takes a page; answers whether it has reached what waits. */
  readonly take: (items: readonly HistoryMessageDTO[]) => boolean;
  readonly limits: ChatLimits;
  readonly signal: AbortSignal;
}

/** Reads what lies behind `after` page by page. Rejects with nothing; null where it was aborted. */
export async function fillGap(options: FillGapOptions): Promise<FillEnd | null> {
  const { roomId, after, firstHeldId, limits, signal } = options;
  const dueAt = Date.now() + limits.gapDeadlineMs;
  let [cursor, count] = [after, 0];
  try {
    const heldId = firstHeldId();
    if (heldId !== null) await read(options, { after: heldId, limit: 1 }, dueAt);
    for (;;) {
      const { items, hasMore } = await read(options, { after: cursor, limit: PAGE_SIZE }, dueAt);
      if (signal.aborted) return null;
      const isEnd = options.take(items);
      const last = items.at(-1);
      if (isEnd || !hasMore || last === undefined) return { isComplete: true };
      cursor = last.id;
      count += items.length;
      if (count >= limits.gapMaxMessages) {
        const reason = `More than ${limits.gapMaxMessages} messages were missed in room ${roomId} (gapMaxMessages).`;
        return { isComplete: false, reason };
      }
    }
  } catch (error) {
    if (signal.aborted) return null;
    return {
      isComplete: false,
      reason: `The history of room ${roomId} could not be read: ${(error as Error).message}`,
    }; // a ChatClientError
  }
}

/** Tries again while that can help. */
async function read(
  { roomId, listMessages, signal }: FillGapOptions,
  query: { readonly after: number; readonly limit: number },
  dueAt: number,
) {
  const storedBy = Math.min(dueAt, Date.now() + NOT_STORED_MAX_MS);
  for (;;) {
    try {
      return await listMessages(roomId, query);
    } catch (error) {
      const mayBeStoredLater = error instanceof ChatClientError && error.code === 'INVALID_REQUEST';
      const helps = mayBeStoredLater || (error instanceof ChatClientError && error.retryable);
      const isLate = Date.now() + AGAIN_MS > (mayBeStoredLater ? storedBy : dueAt);
      if (!helps || isLate || signal.aborted) throw error;
      await pause(AGAIN_MS);
    }
  }
}
