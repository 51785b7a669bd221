import type { MessageDTO, RemovalCause, UserId } from '@chat/dto';
import { instantOf } from '@chat/service-kit';
import type { RoomUnderChange } from './change-room.ts';

/** A member who was taken out of the room, or left it. */
export interface Removal {
  readonly userId: UserId;
  readonly by: UserId;
  readonly cause: RemovalCause;
  /** The room's version that the removal made. */
  readonly version: number;
}

/**
 * What the room's log is to say of it: behind this message the removed receives nothing, on no instance (DESIGN §5.5). `content` is
 * for readers that know no `system`.
 */
export async function removalMessageOf(under: RoomUnderChange, removal: Removal): Promise<MessageDTO> {
  const { room, stored, at, nextMessageId } = under;
  const { userId, by, cause, version } = removal;
  const usernames = await stored.users.usernamesOf([userId, by]);
  return {
    id: nextMessageId(),
    senderId: by,
    roomId: room.id,
    content: contentOf(cause, usernames.get(userId) ?? '', usernames.get(by) ?? ''),
    type: room.type,
    timestamp: instantOf(at.getTime()),
    kind: 'SYSTEM',
    system: { event: 'MEMBER_REMOVED', userId, version, cause },
  };
}

function contentOf(cause: RemovalCause, username: string, byUsername: string): string {
  switch (cause) {
    case 'LEFT':
      return `${username} left the room.`;
    case 'REMOVED':
      return `${username} was removed by ${byUsername}.`;
    case 'BANNED':
      return `${username} was banned by ${byUsername}.`;
  }
}
