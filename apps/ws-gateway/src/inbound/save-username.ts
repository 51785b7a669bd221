import type { UserRepository } from '@chat/database';
import type { UserId } from '@chat/dto';
import type { Clock } from '@chat/service-kit';
import { loadTogether } from '../membership/load-together.ts';

/** Usernames that one statement saves. */
const USERNAMES_AT_ONCE = 500;

/** Keeps the name that a user's latest token carries; those of a storm of CONNECTs in one statement. */
export function createSaveUsername(users: Pick<UserRepository, 'saveUsernames'>, clock: Clock) {
  const save = loadTogether(async (seen: ReadonlyArray<readonly [UserId, string]>) => {
    await users.saveUsernames(new Map(seen), new Date(clock.now()));
    return seen.map(() => undefined);
  }, USERNAMES_AT_ONCE);
  return (userId: UserId, username: string): Promise<void> => save([userId, username]);
}
