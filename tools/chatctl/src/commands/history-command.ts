import type { HistoryMessageDTO } from '@chat/client';
import type { CommandContext } from '../context.ts';
import { describeMessage } from '../output/describe-message.ts';
import { restOf } from '../with-client.ts';

/** Messages of one request, where all are read. */
const PAGE_SIZE = 200;

export interface HistoryCommandOptions {
  readonly roomId: number;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
  /** Every page, from the first message or from `after` on. */
  readonly all: boolean;
}

/** The history of a room in its order: one page, or all of it page by page. */
export async function historyCommand(context: CommandContext, options: HistoryCommandOptions): Promise<void> {
  const { roomId, before, after, limit, all } = options;
  const rest = restOf(context);
  const tell = (items: readonly HistoryMessageDTO[]) => {
    for (const item of items) context.output.result(item, () => describeMessage(item, context.output.paint));
  };
  if (!all) {
    const bounds = { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
    const { items, hasMore } = await rest.listMessages(roomId, { ...bounds, limit });
    tell(items);
    const next = after === undefined ? `--before ${items[0]?.id}` : `--after ${items.at(-1)?.id}`;
    if (hasMore && !context.output.isJson)
      context.output.note(context.output.paintNote('dim', `there is more: ${next}`));
    return;
  }
  for (let from = after ?? 0, hasMore = true; hasMore;) {
    context.interrupted.throwIfAborted();
    const page = await rest.listMessages(roomId, { after: from, limit: PAGE_SIZE });
    tell(page.items);
    from = page.items.at(-1)?.id ?? from;
    hasMore = page.hasMore && page.items.length > 0;
  }
}
