import type { MemberDelivery, Repositories } from '@chat/database';
import {
  messageStatusOf,
  type MessageId,
  type MessageStatus,
  type MessageStatusDTO,
  type RoomId,
  type UserId,
} from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { requirePermission } from '../rooms/permissions.ts';
import { getStanding } from '../rooms/room-access.ts';

/** What became of a message of the room, to its members. MESSAGE_NOT_FOUND also while it is not stored yet. */
export async function getMessageStatus(
  stored: Pick<Repositories, 'memberships' | 'receiptMarks'>,
  callerId: UserId,
  roomId: RoomId,
  messageId: MessageId,
): Promise<MessageStatusDTO> {
  const { role } = await getStanding(stored, roomId, callerId);
  requirePermission('READ_HISTORY', role);
  const deliveries = await stored.receiptMarks.findDelivery(roomId, messageId);
  if (deliveries === null) throw new ChatError('MESSAGE_NOT_FOUND');
  return statusOfAll(deliveries);
}

/** A message that is read is delivered, whatever became of the mark of its delivery. */
export function statusOfAll(deliveries: readonly MemberDelivery[]): MessageStatusDTO {
  const members = deliveries.map((delivery) => ({ userId: delivery.userId, status: statusOf(delivery) }));
  const readCount = members.filter(({ status }) => status === 'READ').length;
  const deliveredCount = members.filter(({ status }) => status !== 'PERSISTED').length;
  const status = messageStatusOf({ recipientCount: members.length, deliveredCount, readCount });
  return { status, deliveredCount, readCount, members };
}

function statusOf({ isDelivered, isRead }: MemberDelivery): MessageStatus {
  if (isRead) return 'READ';
  return isDelivered ? 'DELIVERED' : 'PERSISTED';
}
