import type { RoomId, UserId } from '@chat/dto';
import type { MembershipIndex } from './membership-index.ts';

/** A user is no member of the room as of this version of it. */
export interface MemberRemoval {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly version: number;
}

export interface RemovalsOptions {
  readonly memberships: Pick<MembershipIndex, 'apply' | 'peek'>;
  /** Takes the user's subscriptions to the room away on this instance. */
  readonly withdraw: (roomId: RoomId, userId: UserId) => void;
}

/**
 * A removal comes twice: by room-events, and in the room's own log, where its place is the cut (DESIGN §5.5). Whichever is
 * read first takes effect at once; one that the user has come back from, as far as is known here, has none. All in one
 * turn: nothing behind the cut is delivered before it, and whoever subscribes behind it is asked for a membership again.
 */
export function createRemovals({ memberships, withdraw }: RemovalsOptions): (removal: MemberRemoval) => void {
  return (removal) => {
    const { roomId, userId } = removal;
    memberships.apply({ ...removal, event: 'MEMBER_REMOVED' });
    if (memberships.peek(roomId, userId) === undefined) withdraw(roomId, userId);
  };
}
