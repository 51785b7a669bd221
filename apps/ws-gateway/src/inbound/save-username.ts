import type { UserRepository } from '@chat/database';
import type { UserId } from '@chat/dto';
import type { Clock } from '@chat/service-kit';
import { loadTogether } from '../membership/load-together.ts';

/** Usernames that one statement saves, and how often: nobody waits for it. */
const TOGETHER = { maxKeys: 500, everyMs: 200 };

/** Keeps the name that a user's latest token carries; those of a storm of CONNECTs in one statement. */
export function createSaveUsername(users: Pick<UserRepository, 'saveUsernames'>, clock: Clock) {
  const save = loadTogether(async (seen: ReadonlyArray<readonly [UserId, string]>) => {
    await users.saveUsernames(new Map(seen), new Date(clock.now()));
    return seen.map(() => undefined);
  }, TOGETHER);
  return (userId: UserId, username: string): Promise<void> => save([userId, username]);
}
