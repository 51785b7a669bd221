import type { ChangeTarget } from '@chat/database';
import { isChangeKind, type MessageChange } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { Membership } from '../membership/membership-index.ts';

/**
 * Why a member may not make a change; null where he may. A text is edited by its sender alone, and deleted by its sender or, in a
 * group, by OWNER and ADMIN; every member reacts. What is deleted stays as it is. `target` is the message of that id, null for none.
 */
export function changeRefusalOf(
  { kind, targetId }: MessageChange,
  { roomId, userId, role, roomType }: Membership,
  target: ChangeTarget | null,
): ChatError | null {
  if (target === null || (target.kind !== null && isChangeKind(target.kind))) {
    const message = `Room ${roomId} has no message ${targetId}; an edit, a delete and a reaction name the original message.`;
    return new ChatError('MESSAGE_NOT_FOUND', { message });
  }
  if (target.isDeleted) return new ChatError('MESSAGE_DELETED', { message: `Message ${targetId} was deleted.` });
  if (kind === 'REACTION') return null;
  if (target.kind === 'SYSTEM') return forbidden('A SYSTEM message can be neither edited nor deleted.');
  if (target.senderId === userId) return null;
  if (kind === 'EDIT') return forbidden('Only who wrote a message can edit it.');
  if (roomType === 'GROUP' && role !== 'MEMBER') return null;
  return forbidden('Only who wrote a message can delete it, or OWNER and ADMIN of a group.');
}

function forbidden(message: string): ChatError {
  return new ChatError('FORBIDDEN', { message });
}
