import type { UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';

/** Tells which of some users are online. Rejects with UNAVAILABLE while Redis does not answer. */
export interface OnlineUsers {
  listOnline(userIds: readonly UserId[]): Promise<ReadonlySet<UserId>>;
}

/** Who is online, or null while that cannot be known: a Redis outage makes presence stale, it refuses nothing else. */
export async function findOnline(
  presence: OnlineUsers,
  userIds: readonly UserId[],
): Promise<ReadonlySet<UserId> | null> {
  try {
    return await presence.listOnline(userIds);
  } catch (error) {
    if (error instanceof ChatError && error.code === 'UNAVAILABLE') return null;
    throw error;
  }
}
