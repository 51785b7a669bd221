import type { HistoryMessageDTO } from '@chat/dto';
import type { HistoryPage, RestApi } from '../api.ts';
import type { ChatClientError } from '../error.ts';
import type { ChatLimits } from '../limits.ts';
import { pause } from '../pause.ts';
import type { RoomStream } from './room-stream.ts';

/** The most that one answer of the history has. */
const PAGE_SIZE = 200;
/** Pause before the rows are asked again, in ms. */
const AGAIN_MS = 500;

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

/** How it ended: everything is read; nothing waits by which to see whether the rows are behind; or nobody wants it any more. */
export type FillGapEnd = 'complete' | 'nothing-waits' | 'aborted';

/** Reads what lies behind `after` page by page, until it meets what waits. Rejects with the reason where it cannot. */
export async function fillGap(options: FillGapOptions): Promise<FillGapEnd> {
  const { after, firstHeld, passOver, take, limits, signal } = options;
  const dueAt = Date.now() + limits.gapDeadlineMs;
  let [cursor, count] = [after, 0];
  /** Whether the history knows the change that waits, which is no item of it, and what it has first behind that. */
  let [isKnown, behindId]: [boolean, number | null] = [false, null];
  const look = async () => {
    for (let held = firstHeld(); held?.isItem === false && behindId === null; held = firstHeld()) {
      const page = await read(options, { after: held.id, limit: 1 }, dueAt);
      const id = page?.items[0]?.id ?? null;
      isKnown = page !== null;
      if (id === null || signal.aborted) return;
      if (!passOver(id)) behindId = id;
      else isKnown = false;
    }
  };
  for (;;) {
    await look();
    const wasKnown = isKnown;
    const page = await read(options, { after: cursor, limit: PAGE_SIZE }, dueAt);
    if (page !== null && page.items.length > 0) await look(); // it may have what came behind the change meanwhile
    if (signal.aborted) return 'aborted';
    const items = page?.items ?? [];
    if (take(items, behindId)) return 'complete';
    cursor = items.at(-1)?.id ?? cursor;
    count += items.length;
    if (count >= limits.gapMaxMessages)
      throw new Error(`More than ${limits.gapMaxMessages} messages were missed (gapMaxMessages).`);
    if (page?.hasMore === true) continue;
    if (firstHeld() === null) return 'nothing-waits';
    if (wasKnown && page !== null) return 'complete';
    if (Date.now() + AGAIN_MS > dueAt) throw new Error('The history stayed behind.');
    await pause(AGAIN_MS);
  }
}

/** Tries again while that can help. Null where the history does not know the message that it is asked to read behind. */
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
