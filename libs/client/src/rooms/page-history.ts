import type { HistoryMessageDTO } from '@chat/dto';
import type { HistoryOptions, RestApi } from '../api.ts';

/** Pages backwards. One that could not be read rejects, and is read by the next `next()`. */
export function pageHistory(
  roomId: number,
  { before, pageSize = 50 }: HistoryOptions,
  listMessages: RestApi['listMessages'],
): AsyncIterableIterator<readonly HistoryMessageDTO[]> {
  let cursor = before;
  let isOver = false;
  const done = { value: undefined, done: true } as const;
  const pages: AsyncIterableIterator<readonly HistoryMessageDTO[]> = {
    [Symbol.asyncIterator]: () => pages,
    next: async () => {
      if (isOver) return done;
      const { items, hasMore } = await listMessages(roomId, {
        limit: pageSize,
        ...(cursor !== undefined && { before: cursor }),
      });
      isOver = !hasMore;
      cursor = items[0]?.id ?? cursor;
      return items.length === 0 ? done : { value: items, done: false };
    },
    return: () => {
      isOver = true;
      return Promise.resolve(done);
    },
  };
  return pages;
}
