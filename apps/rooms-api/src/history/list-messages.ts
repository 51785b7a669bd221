import { HISTORY_START, type HistoryPlace, type MessageRepository, type Repositories } from '@chat/database';
import type { HistoryMessageDTO, MessageId, RoomId, UserId } from '@chat/dto';
import { invalidRequest } from '@chat/service-kit';
import { requirePermission } from '../rooms/permissions.ts';
import { getStanding } from '../rooms/room-access.ts';
import { deliveryOf, type PageDelivery } from './page-delivery.ts';

/** Which part of the history: next to a message, from the first one on, or the newest. */
export interface HistoryQuery {
  readonly cursor: HistoryCursor | null;
  readonly limit: number;
}
export type HistoryCursor =
  | { readonly direction: 'before' | 'after'; readonly messageId: MessageId }
  | { readonly direction: 'after'; readonly messageId: 'START' };

export interface HistoryPage {
  /** In room order, whichever way was asked. */
  readonly items: readonly HistoryMessageDTO[];
  /** Whether there are more in that direction. */
  readonly hasMore: boolean;
}

export interface HistoryAnswer {
  readonly page: HistoryPage;
  /** What who gets the page has been delivered; null where nothing in it is of anybody else. */
  readonly delivery: PageDelivery | null;
}

/**
 * A part of the room's history, to its members: messages in their newest state, without what changed them. Rejects with
 * INVALID_REQUEST for a cursor that is nothing of the room; one that changed a message is as good as one.
 */
export async function listMessages(
  stored: Pick<Repositories, 'memberships' | 'messages'>,
  callerId: UserId,
  roomId: RoomId,
  { cursor, limit }: HistoryQuery,
): Promise<HistoryAnswer> {
  const { role } = await getStanding(stored, roomId, callerId);
  requirePermission('READ_HISTORY', role);
  const place = cursor && (await placeOf(stored.messages, roomId, cursor));
  const part = cursor === null ? {} : { [cursor.direction]: place };
  const { items, hasMore } = await stored.messages.listMessages(roomId, { ...part, reader: callerId, limit });
  const after = cursor?.direction === 'after' ? place : null;
  const isNews = items.some(({ message }) => message.senderId !== callerId);
  return {
    page: { items: items.map(({ message }) => message), hasMore },
    delivery: isNews ? deliveryOf({ items, hasMore, after }) : null,
  };
}

async function placeOf(
  messages: MessageRepository,
  roomId: RoomId,
  { direction, messageId }: HistoryCursor,
): Promise<HistoryPlace> {
  if (messageId === 'START') return HISTORY_START;
  const place = await messages.findPlace(roomId, messageId);
  if (place === null) throw invalidRequest({ field: direction, message: 'must be the id of a message of this room' });
  return place;
}
