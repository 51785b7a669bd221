import type { HistoryPlace, StoredMessage } from '@chat/database';
import type { LogPosition } from '@chat/dto';

/** What a page has delivered to its reader: everything up to `position`, without a gap from `unbrokenFrom` on. */
export interface PageDelivery {
  readonly position: LogPosition;
  readonly unbrokenFrom: number;
}

export interface ReadPage {
  readonly items: readonly StoredMessage[];
  readonly hasMore: boolean;
  /** The place that it begins behind; what the reader names he has. Null where it goes back from the newest, or from a place. */
  readonly after: HistoryPlace | null;
}

/** What is between the items of a page was hidden, not left out. Null where the page is empty. */
export function deliveryOf({ items, hasMore, after }: ReadPage): PageDelivery | null {
  const [first, last] = [items[0], items.at(-1)];
  if (first === undefined || last === undefined) return null;
  const { position } = last;
  const isWhole = after === null && !hasMore;
  const from = isWhole ? null : (after ?? first.position);
  const unbrokenFrom = from !== null && from.epoch === position.epoch ? Math.max(0, from.offset) : 0;
  return { position, unbrokenFrom };
}
